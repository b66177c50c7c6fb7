//! `mails`: lists mails and sends failed ones again, through notify's REST API.

mod table;

use clap::ValueEnum;
use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::json;

use crate::cli::mails::{ListMails, Mails, RetryMails};
use crate::cli::service_url::ServiceUrl;
use crate::request::Request;

/// Failed mails that are sent again, or would be.
#[derive(Deserialize)]
struct Retrying {
    mails: i64,
    errors: Vec<Failed>,
}

#[derive(Deserialize)]
struct Failed {
    error: String,
    mails: i64,
}

#[derive(Deserialize)]
struct History {
    mails: Vec<table::Row>,
    next: Option<String>,
}

/// Runs the command.
pub async fn mails(command: &Mails) -> anyhow::Result<()> {
    match command {
        Mails::List(which) => list(which).await,
        Mails::Retry(which) => retry(which).await,
    }
}

/// Only notify has mails.
async fn send(request: Request<'_>, service: &ServiceUrl) -> anyhow::Result<Response> {
    request.send(service.own_routes()?, service).await
}

#[allow(clippy::print_stdout)]
async fn list(which: &ListMails) -> anyhow::Result<()> {
    let status = which.status.and_then(|status| Some(status.to_possible_value()?.get_name().to_owned()));
    let limit = which.limit.to_string();
    let query: Vec<(&str, &str)> = [
        ("status", status.as_deref()),
        ("error", which.error.as_deref()),
        ("suppressed", which.suppressed.then_some("true")),
        ("limit", Some(&limit)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let request = Request { method: Method::GET, path: "/mails", query: &query, body: None };
    let history: History = send(request, &which.service).await?.json().await?;
    if history.mails.is_empty() {
        println!("no such emails");
    } else {
        println!("{}", table::of(&history.mails));
    }
    if history.next.is_some() {
        println!("there are more: --limit lists up to 1000");
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
async fn retry(which: &RetryMails) -> anyhow::Result<()> {
    if let Some(event) = which.event {
        let path = format!("/mails/{event}/retry");
        let request = Request { method: Method::POST, path: &path, query: &[], body: None };
        send(request, &which.service).await?;
        println!(
            "The email about event {event} is being sent again. `cartwheel mails list` shows whether it was."
        );
        return Ok(());
    }
    let mut body = json!({"dry_run": which.dry_run});
    if let Some(error) = &which.error {
        body["error"] = error.as_str().into();
    }
    let request = Request { method: Method::POST, path: "/mails/retry", query: &[], body: Some(body) };
    let retrying: Retrying = send(request, &which.service).await?.json().await?;
    for Failed { error, mails } in &retrying.errors {
        println!("{mails:>8}  {error}");
    }
    let what = if which.dry_run { "would be sent again" } else { "are being sent again" };
    println!("{} failed mails {what}.", retrying.mails);
    Ok(())
}
