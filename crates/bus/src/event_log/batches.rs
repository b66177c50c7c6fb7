//! What is wanted of a part of the log, batch by batch.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::consumer::intake::BATCH;
use crate::error::BusError;
use crate::event_log::cursor::LogCursor;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::incoming::Incoming;
use crate::known_sources::KnownSources;

/// The broker says nothing when there is nothing to read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A part of the log that is being read.
pub(crate) struct Batches<'a, W> {
    pub log: &'a EventLog,
    pub start: Start,
    /// The offset of the last message.
    pub end: i64,
    pub wanted: W,
    pub sources: &'a KnownSources,
    pub stop: &'a CancellationToken,
}

/// How far it was read.
pub(crate) struct Progress {
    reading: Option<LogCursor>,
    is_at_end: bool,
}

impl<W: Fn(&Logged) -> bool> Batches<'_, W> {
    /// Nothing was read yet.
    pub fn begin(&self) -> Progress {
        Progress { reading: None, is_at_end: matches!(self.start, Start::Offset(first) if first > self.end) }
    }

    /// The next events that are wanted, at most a batch; empty at the end.
    pub async fn next(&mut self, progress: &mut Progress) -> Result<Vec<Incoming>, BusError> {
        let mut batch = Vec::new();
        while batch.len() < BATCH && !progress.is_at_end {
            let logged = self.next_message(progress).await?;
            progress.is_at_end = logged.completes(self.end);
            if (self.wanted)(&logged) {
                batch.extend(logged.incoming);
            }
        }
        Ok(batch)
    }

    async fn next_message(&mut self, progress: &mut Progress) -> Result<Logged, BusError> {
        loop {
            let reading = match &mut progress.reading {
                Some(reading) => reading,
                none => none.insert(self.log.read(self.start).await?),
            };
            let next = tokio::time::timeout(READ_TIMEOUT, reading.next_message());
            let next = self.stop.run_until_cancelled(next).await.ok_or(BusError::Disconnected)?;
            if let Ok(next) = next {
                let logged = next?.ok_or(BusError::Unsubscribed)?.checked(self.sources);
                warn_if_not_taken(&logged);
                return Ok(logged);
            }
            if self.start == Start::First {
                return Err(BusError::Disconnected);
            }
            // The broker has nothing that late, so its clock is not ours.
            self.start = Start::First;
            progress.reading = None;
        }
    }
}

fn warn_if_not_taken(logged: &Logged) {
    if let Err(reason) = &logged.incoming
        && logged.marker.is_none()
    {
        warn!(offset = logged.offset, %reason, "a message in the event log can't be taken: passed over");
    }
}
