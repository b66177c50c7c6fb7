//! Reads the event log from any position.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lapin::types::AMQPValue;

use crate::connection::Broker;
use crate::error::BusError;
use crate::event_log::cursor::LogCursor;
use crate::event_log::follower::log_position::LogPosition;
use crate::event_log::logged::Logged;

/// In messages, each of up to 64 events.
const PREFETCH: u16 = 100;
/// More than the broker puts into one chunk, so that the last one comes whole.
const WHOLE_CHUNK: u16 = u16::MAX;
/// The broker doesn't say that a log is empty, it stays silent. Anything that is there comes within milliseconds; only
/// an empty log costs this wait.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads the event log. The broker user needs permission to read the queue `event-log`.
#[derive(Clone)]
pub struct EventLog {
    broker: Broker,
}

/// Where reading starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The oldest event that the log still has.
    First,
    /// What the broker received at this time or later. It delivers whole chunks, so somewhat earlier messages come first.
    Time(DateTime<Utc>),
    /// The message with this offset, or the oldest one if retention has dropped it. For an offset beyond the end, it waits
    /// until there is such a message.
    Offset(i64),
    /// Only what is added from now on.
    Next,
}

impl EventLog {
    /// `broker` may be a service's own user, or an operator's.
    #[must_use]
    pub fn new(broker: Broker) -> Self {
        Self { broker }
    }

    /// Starts to read. Reading doesn't stop at the end of the log: it waits there for more.
    ///
    /// # Errors
    /// When the broker can't be reached, has no event log, or refuses to let it be read.
    pub async fn read(&self, start: Start) -> Result<LogCursor, BusError> {
        let skip_before = if let Start::Offset(offset) = start { offset } else { 0 };
        LogCursor::start(&self.broker, start.into(), skip_before, PREFETCH).await
    }

    /// The event at a position; nothing, if the log no longer has it there.
    ///
    /// # Errors
    /// When the broker can't be reached, has no event log, or refuses to let it be read.
    pub async fn event(&self, position: &LogPosition) -> Result<Option<Logged>, BusError> {
        let mut reading =
            LogCursor::start(&self.broker, Start::Offset(position.offset).into(), position.offset, 1).await?;
        let events = tokio::time::timeout(READ_TIMEOUT, reading.next_events()).await;
        reading.close().await;
        let events = events.unwrap_or_else(|_| Ok(VecDeque::new()))?;
        Ok(events.into_iter().find(|logged| LogPosition::of(logged) == *position))
    }

    /// The oldest message that the log still has: at first that is a marker, which says when the log begins. Its offset is 0
    /// if retention has dropped nothing yet.
    ///
    /// # Errors
    /// When the broker can't be reached, has no event log, or refuses to let it be read.
    pub async fn first(&self) -> Result<Option<Logged>, BusError> {
        let mut reading = LogCursor::start(&self.broker, Start::First.into(), 0, 1).await?;
        unless_silent(reading.next_message()).await
    }

    /// The offset of the log's last message: reading up to there shows everything that the broker had confirmed before this
    /// call. A log has at least one message, its marker; so silence doesn't mean that the log is empty.
    ///
    /// The broker has no request for this (a passive declaration doesn't count the messages of a stream), so the log is read:
    /// a subscription to its last chunk gets that chunk and everything after it in one go. Once the first message has
    /// arrived, the others are on their way.
    ///
    /// # Errors
    /// When the broker can't be reached, has no event log, or does not let it be read, as without the log's quorum.
    pub async fn end(&self) -> Result<i64, BusError> {
        let last_chunk = AMQPValue::LongString("last".into());
        let mut reading = LogCursor::start(&self.broker, last_chunk, 0, WHOLE_CHUNK).await?;
        let first = unless_silent(reading.next_message()).await?.ok_or(BusError::LogSilent)?;
        reading.last_on_its_way(first.offset).await
    }
}

async fn unless_silent(
    next: impl Future<Output = Result<Option<Logged>, BusError>>,
) -> Result<Option<Logged>, BusError> {
    tokio::time::timeout(READ_TIMEOUT, next).await.unwrap_or(Ok(None))
}

impl From<Start> for AMQPValue {
    fn from(start: Start) -> Self {
        match start {
            Start::First => Self::LongString("first".into()),
            Start::Next => Self::LongString("next".into()),
            Start::Offset(offset) => Self::LongLongInt(offset),
            Start::Time(time) => Self::Timestamp(u64::try_from(time.timestamp()).unwrap_or(0)),
        }
    }
}
