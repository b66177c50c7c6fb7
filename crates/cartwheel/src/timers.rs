//! `timers`: lists what a service will do later, and retries or discards what has failed, through its REST API.

mod table;

use clap::ValueEnum;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

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
    let request = Request { method: Method::GET, path: "/timers", query: &query, body: None };
    let timers: Vec<table::Row> = request.send(&which.service).await?.json().await?;
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
        Request { method: Method::POST, path: &path, query: &[], body: None }.send(&which.service).await?;
        println!("Timer {id} is being retried. `cartwheel timers list` shows whether it failed again.");
        return Ok(());
    }
    let body = Some(json!({"kind": which.kind}));
    let request = Request { method: Method::POST, path: "/timers/retry", query: &[], body };
    let Retried { timers } = request.send(&which.service).await?.json().await?;
    println!("{timers} failed timers are being retried.");
    Ok(())
}

#[allow(clippy::print_stdout)]
async fn discard(one: &TimerId) -> anyhow::Result<()> {
    let path = format!("/timers/{}/discard", one.id);
    Request { method: Method::POST, path: &path, query: &[], body: None }.send(&one.service).await?;
    println!("Timer {} is discarded: it never fires.", one.id);
    Ok(())
}
