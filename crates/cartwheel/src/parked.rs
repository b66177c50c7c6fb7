//! `parked`: lists events that a service could not process, and retries or discards them, through its REST API.

mod table;

use std::time::Duration;

use anyhow::{Context, bail};
use clap::ValueEnum;
use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::cli::operators::{ListParked, Parked, ParkedId, ServiceUrl};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the command.
#[allow(clippy::print_stdout)]
pub async fn parked(command: &Parked) -> anyhow::Result<()> {
    match command {
        Parked::List(which) => list(which).await?,
        Parked::Show(one) => {
            let event: Value =
                ask(&one.service, Method::GET, &format!("/{}", one.id), &[]).await?.json().await?;
            println!("{}", serde_json::to_string_pretty(&event)?);
        }
        Parked::Retry(one) => {
            act(one, "retry").await?;
            println!(
                "Event {} is being retried. `cartwheel parked list` shows whether it succeeded.",
                one.id
            );
        }
        Parked::Discard(one) => {
            act(one, "discard").await?;
            println!("Event {} is discarded; the events behind it follow.", one.id);
        }
        Parked::Release(one) => {
            act(one, "release").await?;
            println!(
                "Event {} no longer waits for lost events; it follows, and the events behind it.",
                one.id
            );
        }
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
async fn list(which: &ListParked) -> anyhow::Result<()> {
    let state = which.state.and_then(|state| Some(state.to_possible_value()?.get_name().to_owned()));
    let limit = which.limit.to_string();
    let query: Vec<(&str, &str)> = [
        ("type", which.event_type.as_deref()),
        ("subject", which.subject.as_deref()),
        ("state", state.as_deref()),
        ("limit", Some(&limit)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let events: Vec<table::Row> = ask(&which.service, Method::GET, "", &query).await?.json().await?;
    if events.is_empty() {
        println!("nothing is parked");
    } else {
        println!("{}", table::of(&events));
    }
    Ok(())
}

async fn act(one: &ParkedId, action: &str) -> anyhow::Result<Response> {
    ask(&one.service, Method::POST, &format!("/{}/{action}", one.id), &[]).await
}

/// The service's answer, or its problem in its own words.
async fn ask(
    service: &ServiceUrl,
    method: Method,
    path: &str,
    query: &[(&str, &str)],
) -> anyhow::Result<Response> {
    let url = format!("{}/parked{path}", service.url.trim_end_matches('/'));
    let mut url = Url::parse(&url).with_context(|| format!("'{}' is not an address", service.url))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    // A proxy for the outside world can't reach this machine.
    let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
    let request = http.request(method, url.clone()).bearer_auth(&service.admin_key);
    let answer = request.send().await.with_context(|| format!("no service answers at {url}"))?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    match answer.json::<Problem>().await {
        Ok(problem) => bail!("{}", problem.detail),
        Err(_) => bail!("{url} answered {status}: is this the address of a service?"),
    }
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
}
