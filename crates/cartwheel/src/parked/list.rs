//! Listing.

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use endpoint::HttpUrl;
use reqwest::Method;
use serde_json::{Value, json};

use super::table;
use crate::cli::parked::{ListParked, MatchingParked};
use crate::request::Request;

/// Prints what is parked.
#[allow(clippy::print_stdout)]
pub(super) async fn list(which: &ListParked) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (service, url) in which.service.each()? {
        for event in of_service(which, &url).await? {
            if which.json {
                println!("{}", json!({"service": service, "event": event}));
            } else {
                rows.push((service, serde_json::from_value(event)?));
            }
        }
    }
    if rows.is_empty() && !which.json {
        println!("nothing is parked");
    } else if !which.json {
        println!("{}", table::of(&rows));
    }
    Ok(())
}

async fn of_service(which: &ListParked, url: &HttpUrl) -> anyhow::Result<Vec<Value>> {
    let MatchingParked { event_type, subject, error, from, until } = &which.matching;
    let state = which.state.and_then(|state| Some(state.to_possible_value()?.get_name().to_owned()));
    let text = |time: &Option<DateTime<Utc>>| time.map(|time| time.to_rfc3339());
    let (from, until, limit) = (text(from), text(until), which.limit.to_string());
    let query: Vec<(&str, &str)> = [
        ("type", event_type.as_deref()),
        ("subject", subject.as_deref()),
        ("state", state.as_deref()),
        ("error", error.as_deref()),
        ("from", from.as_deref()),
        ("until", until.as_deref()),
        ("limit", Some(&limit)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let request = Request { method: Method::GET, path: "/parked", query: &query, body: None };
    Ok(request.send(url, &which.service).await?.json().await?)
}
