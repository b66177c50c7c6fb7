//! `parked`: lists events that a service could not process, and retries or discards them, through its REST API.

mod table;

use clap::ValueEnum;
use reqwest::{Method, Response};
use serde_json::Value;

use crate::cli::operators::{ListParked, Parked, ParkedId, ServiceUrl};
use crate::request::Request;

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

async fn ask(
    service: &ServiceUrl,
    method: Method,
    path: &str,
    query: &[(&str, &str)],
) -> anyhow::Result<Response> {
    Request { method, path: &format!("/parked{path}"), query, body: None }.send(service).await
}
