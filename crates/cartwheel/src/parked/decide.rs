//! Deciding on one parked event, or on all that match.

use std::io::{IsTerminal, stdin};

use anyhow::bail;
use reqwest::Method;
use serde_json::json;
use service::{Decided, ParkedGroup};

use crate::cli::parked::{DecideParked, MatchingParked};
use crate::request::Request;
use crate::table::grouped;

/// What is done with parked events.
#[derive(Clone, Copy)]
pub(super) enum Action {
    Retry,
    Discard,
    Release,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Discard => "discard",
            Self::Release => "release",
        }
    }

    /// What is said of events once it is done.
    fn done(self) -> &'static str {
        match self {
            Self::Retry => "retried; `cartwheel parked list` shows what failed again",
            Self::Discard => "discarded; the events behind them follow",
            Self::Release => "released from waiting for lost events; they follow, and the events behind them",
        }
    }

    fn gives_events_up(self) -> bool {
        !matches!(self, Self::Retry)
    }
}

/// Carries it out, and says what was done.
pub(super) async fn decide(action: Action, which: &DecideParked) -> anyhow::Result<()> {
    match which.id {
        Some(id) => decide_on_one(action, id, which).await,
        None => decide_on_all(action, which).await,
    }
}

#[allow(clippy::print_stdout)]
async fn decide_on_one(action: Action, id: i64, which: &DecideParked) -> anyhow::Result<()> {
    let path = format!("/parked/{id}/{}", action.name());
    let query: Vec<_> = which.reason.iter().map(|reason| ("reason", reason.as_str())).collect();
    let request = Request { method: Method::POST, path: &path, query: &query, body: None };
    request.send(&which.service.one()?, &which.service).await?;
    println!("Event {id} is {}.", action.done());
    Ok(())
}

#[allow(clippy::print_stdout)]
async fn decide_on_all(action: Action, which: &DecideParked) -> anyhow::Result<()> {
    let preview = ask(action, which, true, None).await?;
    for ParkedGroup { r#type, error, events } in &preview.groups {
        println!(
            "{:>8}  {}  {}",
            grouped(*events),
            r#type,
            error.as_deref().unwrap_or("earlier events are missing")
        );
    }
    if preview.events == 0 || which.dry_run {
        println!("{} events match that can be {}.", grouped(preview.events), past(action));
        return Ok(());
    }
    if action.gives_events_up() && !which.yes {
        confirm(action, preview.events)?;
    }
    let (mut done, mut after) = (0, Some(0));
    while after.is_some() {
        let decided = ask(action, which, false, after).await?;
        (done, after) = (done + decided.events, decided.next);
    }
    let events = if done == 1 { "1 event is".to_owned() } else { format!("{} events are", grouped(done)) };
    println!("{events} {}.", action.done());
    Ok(())
}

async fn ask(
    action: Action,
    which: &DecideParked,
    dry_run: bool,
    after: Option<i64>,
) -> anyhow::Result<Decided> {
    let MatchingParked { event_type, subject, error, from, until } = &which.matching;
    let body = json!({
        "type": event_type, "subject": subject, "error": error, "from": from, "until": until,
        "reason": which.reason, "dry_run": dry_run, "after": after,
    });
    let path = format!("/parked/{}", action.name());
    let request = Request { method: Method::POST, path: &path, query: &[], body: Some(body) };
    Ok(request.send(&which.service.one()?, &which.service).await?.json().await?)
}

/// Asks the person at the terminal.
#[allow(clippy::print_stdout)]
fn confirm(action: Action, events: i64) -> anyhow::Result<()> {
    if !stdin().is_terminal() {
        bail!("this can't be undone: add --yes, or look first with --dry-run");
    }
    println!("This can't be undone. {} these {} events? [y/N]", capitalised(action.name()), grouped(events));
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { bail!("nothing was done") }
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Retry => "retried",
        Action::Discard => "discarded",
        Action::Release => "released",
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
