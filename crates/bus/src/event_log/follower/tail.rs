//! The log's end as it grows, batch by batch.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::batch::LogBatch;
use super::log_position::{LogPosition, Lost};
use super::resuming::Begun;
use crate::error::BusError;
use crate::event_log::cursor::LogCursor;
use crate::event_log::logged::Logged;
use crate::known_sources::KnownSources;

/// How batches are gathered.
#[derive(Clone, Copy)]
pub(super) struct BatchLimits {
    /// A batch that has this many is full; its last message may add some.
    pub events: usize,
    /// How long it waits for more after the first event.
    pub gathering: Duration,
}

/// A reading that never ends.
pub(super) struct Tail<'a> {
    reading: LogCursor,
    ahead: VecDeque<Logged>,
    lost: Option<Lost>,
    limits: BatchLimits,
    sources: &'a KnownSources,
}

impl<'a> Tail<'a> {
    pub fn new(begun: Begun, limits: BatchLimits, sources: &'a KnownSources) -> Self {
        let Begun { reading, ahead, lost, end: _ } = begun;
        Self { reading, ahead, lost, limits, sources }
    }

    /// The next batch; waits for its first event. What was gathered is lost to this reading where nobody waits any longer.
    pub async fn next_batch(&mut self) -> Result<LogBatch, BusError> {
        let mut gathered = Gathered::default();
        let first = self.next_events().await?;
        self.add(&mut gathered, first);
        let deadline = Instant::now() + self.limits.gathering;
        while gathered.events.len() < self.limits.events {
            match tokio::time::timeout_at(deadline, self.next_events()).await {
                Ok(more) => self.add(&mut gathered, more?),
                Err(_) => break,
            }
        }
        gathered.warn();
        let Gathered { events, passed_over, reached, .. } = gathered;
        let reached = reached.ok_or(BusError::Unsubscribed)?;
        Ok(LogBatch { events, passed_over, reached, lost: self.lost.take() })
    }

    async fn next_events(&mut self) -> Result<VecDeque<Logged>, BusError> {
        if !self.ahead.is_empty() {
            return Ok(std::mem::take(&mut self.ahead));
        }
        let events = self.reading.next_events().await?;
        if events.is_empty() { Err(BusError::Unsubscribed) } else { Ok(events) }
    }

    fn add(&self, gathered: &mut Gathered, events: VecDeque<Logged>) {
        gathered.reached = events.back().map(LogPosition::of);
        for logged in events {
            let logged = logged.checked(self.sources);
            match logged.event().err() {
                None => gathered.events.push(logged),
                Some(_) if logged.is_marker() => {}
                Some(reason) => {
                    gathered.passed_over += 1;
                    gathered.first_passed_over.get_or_insert((logged.offset, reason));
                }
            }
        }
    }
}

#[derive(Default)]
struct Gathered {
    events: Vec<Logged>,
    passed_over: usize,
    first_passed_over: Option<(i64, String)>,
    reached: Option<LogPosition>,
}

impl Gathered {
    /// Once for a batch: there may be many.
    fn warn(&self) {
        if let Some((offset, reason)) = &self.first_passed_over {
            let messages = self.passed_over;
            warn!(messages, offset, %reason, "what is in the event log can't be taken: passed over; this is the first");
        }
    }
}
