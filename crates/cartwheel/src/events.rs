//! `events`: the event log, which keeps a copy of every event, for people and programs.

mod output;
mod past;
mod selection;

use anyhow::bail;
use bus::{Broker, EventLog, Start};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::cli::operators::{EventSelection, Events, LogUrl, ShowEvent};
use output::Output;
use past::{Past, next, since};
use selection::includes;

/// Runs the command.
pub async fn events(command: &Events) -> anyhow::Result<()> {
    match command {
        Events::Tail(settings) => tail(settings).await,
        Events::Show(settings) => show(settings).await,
        Events::Export(settings) => export(settings).await,
    }
}

async fn tail(EventSelection { log, selection }: &EventSelection) -> anyhow::Result<()> {
    let mut reading = open(log).read(selection.from.map_or(Start::Next, since)).await?;
    let mut output = Output::default();
    while output.is_wanted() {
        let logged = next(&mut reading).await?;
        if includes(selection, &logged) {
            output.line(&output::for_people(&logged))?;
        }
    }
    Ok(())
}

async fn export(EventSelection { log, selection }: &EventSelection) -> anyhow::Result<()> {
    let mut past = Past::read(open(log), selection.from).await?;
    let mut output = Output::default();
    let mut unreadable = 0;
    while output.is_wanted()
        && let Some(logged) = past.next().await?
    {
        if logged.event().is_err() {
            unreadable += 1;
        } else if includes(selection, &logged) {
            output.line(&output::for_programs(&logged))?;
        }
    }
    if unreadable > 0 {
        tracing::warn!(unreadable, "skipped messages that are not events");
    }
    Ok(())
}

async fn show(ShowEvent { id, log }: &ShowEvent) -> anyhow::Result<()> {
    let mut past = Past::read(open(log), made_at(id)).await?;
    let id = id.to_string();
    while let Some(logged) = past.next().await? {
        if logged.event_id() == Some(&id) {
            return Output::default().line(&output::in_full(&logged)?);
        }
    }
    bail!("the event log has no event {id}. It keeps events for some weeks only");
}

fn open(log: &LogUrl) -> EventLog {
    EventLog::new(Broker::new(log.rabbitmq_url.expose(), "operator"))
}

/// Ids of version 7 say when they were made.
fn made_at(id: &Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}
