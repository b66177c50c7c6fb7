//! `parked`: lists events that a service could not process, and retries, discards or releases them, through its REST API.

mod decide;
mod list;
mod table;

use reqwest::Method;
use serde_json::Value;

use crate::cli::parked::{Parked, ParkedId};
use crate::request::Request;
use decide::{Action, decide};
use list::list;

/// Runs the command.
pub async fn parked(command: &Parked) -> anyhow::Result<()> {
    match command {
        Parked::List(which) => list(which).await,
        Parked::Show(one) => show(one).await,
        Parked::Retry(which) => decide(Action::Retry, which).await,
        Parked::Discard(which) => decide(Action::Discard, which).await,
        Parked::Release(which) => decide(Action::Release, which).await,
    }
}

#[allow(clippy::print_stdout)]
async fn show(ParkedId { id, service }: &ParkedId) -> anyhow::Result<()> {
    let path = format!("/parked/{id}");
    let request = Request { method: Method::GET, path: &path, query: &[], body: None };
    let event: Value = request.send(&service.one()?, service).await?.json().await?;
    println!("{}", serde_json::to_string_pretty(&event)?);
    Ok(())
}
