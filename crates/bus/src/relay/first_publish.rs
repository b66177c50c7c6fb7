//! The first event of a channel: published until it shows in the event log.
//!
//! A broker that has just started listens before the writers of its streams are up. What a channel publishes meanwhile
//! is confirmed and gets into the queues, but not into the stream (measured, see ADR 13). Once a channel has brought one
//! message into the stream, the others follow.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::error::BusError;
use crate::event_log::cursor::LogCursor;
use crate::event_log::reader::{EventLog, Start};
use crate::outbox_row::OutboxRow;
use crate::relay::publisher::{Published, Publisher};
use crate::relay::rows::Rows;

/// How long a confirmed event may take to show in the log; a healthy broker needs milliseconds.
const LOG_TIMEOUT: Duration = Duration::from_secs(1);
const TRIES: usize = 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// Publishes `first` and returns once it is in the log, confirmed or not. It may have gone out more than once; every inbox refuses
/// duplicates.
pub(super) async fn publish_first(
    first: &OutboxRow,
    log: &EventLog,
    broker: &Publisher<'_>,
    rows: &mut Rows,
    stop: &CancellationToken,
) -> Result<Published, BusError> {
    let mut reading = log.read(Start::Next).await.map_err(unreadable)?;
    let published = publish_until_it_shows(first, &mut reading, broker, rows, stop).await;
    reading.close().await;
    published
}

async fn publish_until_it_shows(
    first: &OutboxRow,
    reading: &mut LogCursor,
    broker: &Publisher<'_>,
    rows: &mut Rows,
    stop: &CancellationToken,
) -> Result<Published, BusError> {
    for _ in 0..TRIES {
        let published = broker.publish(std::slice::from_ref(first), PATIENCE, rows, stop).await?;
        if let Some(problem) = published.answers.problem {
            return Err(problem);
        }
        if let Ok(shown) = tokio::time::timeout(LOG_TIMEOUT, until_logged(reading, first)).await {
            return shown.map(|()| published);
        }
        debug!("the broker has an event that did not get into the event log: publishing it again");
        if stop.is_cancelled() {
            break;
        }
    }
    Err(BusError::NotLogged)
}

async fn until_logged(reading: &mut LogCursor, event: &OutboxRow) -> Result<(), BusError> {
    let id = event.event_id.to_string();
    while let Some(logged) = reading.next().await.map_err(unreadable)? {
        if logged.event_id() == Some(&id) {
            return Ok(());
        }
    }
    Err(unreadable(BusError::Unsubscribed))
}

/// Not to be mixed up with what the broker answers to the event.
fn unreadable(error: BusError) -> BusError {
    BusError::Log(Box::new(error))
}
