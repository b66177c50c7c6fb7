//! What the event log has by now.

use std::time::Duration;

use anyhow::Context;
use bus::{EventLog, LogCursor, Logged, Start};
use chrono::{DateTime, TimeDelta, Utc};

/// By how much the broker's clock may differ from a publisher's.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// The broker says nothing when it has nothing that late.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A reading that ends where the log ended when it began.
pub(super) struct Past {
    log: EventLog,
    reading: LogCursor,
    end: i64,
    has_begun: bool,
    is_at_end: bool,
}

impl Past {
    /// Everything that happened at this time or later, and some of what happened before.
    pub async fn read(log: EventLog, from: Option<DateTime<Utc>>) -> anyhow::Result<Self> {
        let end = log.end().await?;
        if let Some(from) = from {
            warn_if_shorter(&log, from).await?;
        }
        let reading = log.read(from.map_or(Start::First, since)).await?;
        Ok(Self { log, reading, end, has_begun: false, is_at_end: false })
    }

    /// The next message, or `None` at the end.
    pub async fn next(&mut self) -> anyhow::Result<Option<Logged>> {
        if self.is_at_end {
            return Ok(None);
        }
        let logged = match tokio::time::timeout(READ_TIMEOUT, next(&mut self.reading)).await {
            Ok(logged) => logged?,
            Err(_) if !self.has_begun => {
                // Nothing came that late, or the broker's clock is wrong: only reading everything can tell.
                self.reading = self.log.read(Start::First).await?;
                match tokio::time::timeout(READ_TIMEOUT, next(&mut self.reading)).await {
                    Ok(logged) => logged?,
                    // There is not a single event yet.
                    Err(_) => return Ok(None),
                }
            }
            Err(timeout) => return Err(timeout).context("the broker stopped responding"),
        };
        self.has_begun = true;
        self.is_at_end = logged.completes(self.end);
        Ok(Some(logged))
    }
}

/// What was asked for may have been there once.
async fn warn_if_shorter(log: &EventLog, from: DateTime<Utc>) -> anyhow::Result<()> {
    let begins = log.first().await?.and_then(|first| first.time());
    if let Some(begins) = begins.filter(|begins| *begins > from) {
        tracing::warn!(%begins, %from, "the event log begins later than that: what happened before is not in it");
    }
    Ok(())
}

/// The next message; waits for it.
pub(super) async fn next(reading: &mut LogCursor) -> anyhow::Result<Logged> {
    let logged = reading.next().await?;
    logged.context("the broker ended the reading: the event log was deleted or is moving. Try again")
}

/// Where the broker has to begin so that nothing is missed that happened since.
pub(super) fn since(time: DateTime<Utc>) -> Start {
    Start::Time(time - SKEW)
}
