//! `timers`: lists what a service will do later, and retries or discards what has failed, through its REST API.

mod table;

use clap::ValueEnum;
use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::service_url::ServiceUrl;
use crate::cli::timers::{ListTimers, RetryTimers, TimerId, Timers};
use crate::request::Request;

/// How many timers are retried.
#[derive(Deserialize)]
struct Retried {
    timers: u64,
}

/// Runs the command.
pub async fn timers(command: &Timers) -> anyhow::Result<()> {
    match command {
        Timers::List(which) => list(which).await,
        Timers::Retry(which) => retry(which).await,
        Timers::Discard(one) => discard(one).await,
    }
}

#[allow(clippy::print_stdout)]
async fn list(which: &ListTimers) -> anyhow::Result<()> {
    let state = which.state.and_then(|state| Some(state.to_possible_value()?.get_name().to_owned()));
    let limit = which.limit.to_string();
    let query: Vec<(&str, &str)> = [
        ("kind", which.kind.as_deref()),
        ("key", which.key.as_deref()),
        ("state", state.as_deref()),
        ("limit", Some(&limit)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let mut timers = Vec::new();
    for (service, url) in which.service.each()? {
        let request = Request { method: Method::GET, path: "/timers", query: &query, body: None };
        let found: Vec<table::Row> = request.send(&url, &which.service).await?.json().await?;
        timers.extend(found.into_iter().map(|timer| (service, timer)));
    }
    if timers.is_empty() {
        println!("no such timers");
    } else {
        println!("{}", table::of(&timers));
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
async fn retry(which: &RetryTimers) -> anyhow::Result<()> {
    if let Some(id) = which.id {
        let path = format!("/timers/{id}/retry");
        post(&which.service, &path, None).await?;
        println!("Timer {id} is being retried. `cartwheel timers list` shows whether it failed again.");
        return Ok(());
    }
    let body = json!({"kind": which.kind});
    let Retried { timers } = post(&which.service, "/timers/retry", Some(body)).await?.json().await?;
    println!("{timers} failed timers are being retried.");
    Ok(())
}

#[allow(clippy::print_stdout)]
async fn discard(one: &TimerId) -> anyhow::Result<()> {
    let path = format!("/timers/{}/discard", one.id);
    post(&one.service, &path, None).await?;
    println!("Timer {} is discarded: it never fires.", one.id);
    Ok(())
}

async fn post(service: &ServiceUrl, path: &str, body: Option<Value>) -> anyhow::Result<Response> {
    Request { method: Method::POST, path, query: &[], body }.send(&service.one()?, service).await
}
