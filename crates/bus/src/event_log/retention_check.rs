//! Whether the event log reaches back far enough.

use chrono::{DateTime, TimeDelta, Utc};
use tracing::warn;

use crate::error::BusError;
use crate::event_log::reader::{EventLog, Start};

/// Reading starts this much earlier than the last event that was taken happened: the publishers' clocks and the
/// broker's differ, and instances take events side by side.
pub(super) const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// From where the log is read to take what happened after this; from its beginning where that is not known. Fails when
/// retention has dropped some of it, unless the service accepts that.
pub(crate) async fn start_after(
    log: &EventLog,
    taken: Option<DateTime<Utc>>,
    accepts_short_log: bool,
) -> Result<Start, BusError> {
    let since = taken.map(|time| time - MARGIN);
    must_reach_back(log, since, accepts_short_log).await?;
    Ok(since.map_or(Start::First, Start::Time))
}

async fn must_reach_back(
    log: &EventLog,
    since: Option<DateTime<Utc>>,
    accepts_short_log: bool,
) -> Result<(), BusError> {
    let first = log.first().await?.ok_or(BusError::LogSilent)?;
    let begins = first.time();
    let reaches_back = match since {
        // Whatever is missing from a log that was recreated shows as gaps.
        None => first.offset == 0,
        // The margin is for what the clocks differ, not for the log.
        Some(since) => begins.is_some_and(|begins| begins <= since + MARGIN),
    };
    if reaches_back {
        return Ok(());
    }
    let begins = begins.map_or_else(|| "later".to_owned(), |time| format!("at {time}"));
    if accepts_short_log {
        warn!(
            begins,
            "the event log does not reach back far enough; starting where it does, as the settings allow"
        );
        return Ok(());
    }
    let since = since.map_or_else(|| "the beginning".to_owned(), |time| time.to_string());
    Err(BusError::LogTooShort { since, begins })
}
