//! Where a reading begins, and whether the log is still the one that was read before.

use std::collections::VecDeque;
use std::time::Duration;

use tracing::warn;

use super::log_position::{LogPosition, Lost};
use crate::error::BusError;
use crate::event_log::cursor::LogCursor;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};

/// What is there comes within milliseconds; the broker stays silent when nothing is.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A reading that has just begun.
pub(super) struct Begun {
    pub reading: LogCursor,
    /// What was read already of what comes next.
    pub ahead: VecDeque<Logged>,
    pub lost: Option<Lost>,
    /// What the log ended with, where reading begins there: the position of the beginning, should the connection be lost
    /// before anything has come.
    pub end: Option<LogPosition>,
}

impl Begun {
    fn at(reading: LogCursor) -> Self {
        Self { reading, ahead: VecDeque::new(), lost: None, end: None }
    }
}

/// Begins to read for the first time.
pub(super) async fn begin(log: &EventLog, start: Start) -> Result<Begun, BusError> {
    if start != Start::Next {
        return Ok(Begun::at(log.read(start).await?));
    }
    let mut begun = Begun::at(log.read(Start::Offset(log.end().await?)).await?);
    let last = first_events(&mut begun.reading).await?.ok_or(BusError::Unsubscribed)?;
    begun.end = last.back().map(LogPosition::of);
    Ok(begun)
}

/// Goes on behind what was read last, if the log still has it; with the oldest that it has, if not.
pub(super) async fn go_on(log: &EventLog, position: &LogPosition) -> Result<Begun, BusError> {
    let mut begun = Begun::at(log.read(Start::Offset(position.offset)).await?);
    let Some(events) = first_events(&mut begun.reading).await? else {
        // An offset beyond the end: silence is the answer then.
        if log.end().await? >= position.offset {
            return Err(BusError::Disconnected);
        }
        return begin_recreated(log, position).await;
    };
    let messages = events.front().map_or(0, |first| first.offset - position.offset - 1);
    if messages >= 0 {
        let lost = (messages > 0).then_some(Lost::Dropped { messages });
        if lost.is_some() {
            warn!(
                messages,
                "the event log no longer has what comes next: these messages are lost to who follows it"
            );
        }
        return Ok(Begun { ahead: events, lost, ..begun });
    }
    if !events.iter().any(|logged| LogPosition::of(logged) == *position) {
        return begin_recreated(log, position).await;
    }
    begun.ahead = events.into_iter().filter(|logged| logged.index > position.index).collect();
    Ok(begun)
}

async fn begin_recreated(log: &EventLog, position: &LogPosition) -> Result<Begun, BusError> {
    warn!(
        offset = position.offset,
        "the event log is another than was read before: going on with the oldest that it has"
    );
    let begun = Begun::at(log.read(Start::First).await?);
    Ok(Begun { lost: Some(Lost::Recreated), ..begun })
}

/// The events of the first message; nothing if none comes in time.
async fn first_events(reading: &mut LogCursor) -> Result<Option<VecDeque<Logged>>, BusError> {
    let Ok(events) = tokio::time::timeout(READ_TIMEOUT, reading.next_events()).await else { return Ok(None) };
    let events = events?;
    if events.is_empty() { Err(BusError::Unsubscribed) } else { Ok(Some(events)) }
}
