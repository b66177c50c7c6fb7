//! Follows the event log continuously: what it has already, and then everything that is added.
//!
//! A follower costs the broker one more reader of a file, and nothing per event: it has no queue of its own, and no
//! acknowledgement that anything depends on. So it suits consumers that see everything and decide nothing. The handler makes
//! sure that each event counts once: it stores how far it has read together with its effects.

pub(crate) mod batch;
pub(crate) mod handler;
pub(crate) mod log_position;
mod resuming;
mod tail;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::BusError;
use crate::event_log::reader::{EventLog, Start};
use crate::failure::Failure;
use crate::health::Health;
use crate::inbox::interrupted::Interrupted;
use crate::known_sources::KnownSources;
use crate::renamed_source::{RenamedSource, RenamedSources};
use crate::session::{Session, supervise};
use batch::{Halves, LogBatch};
use handler::LogHandler;
use log_position::LogPosition;
use resuming::{begin, go_on};
use tail::{BatchLimits, Tail};

/// Follows the event log until it is stopped.
pub struct Follower<H> {
    log: EventLog,
    handler: H,
    start: Start,
    limits: BatchLimits,
    sources: KnownSources,
    health: Health,
    /// What this process took last.
    taken: Mutex<Option<LogPosition>>,
}

impl<H: LogHandler> Follower<H> {
    /// A follower of this log: it starts at the end, unless the handler or [`starting_at`](Self::starting_at) says otherwise.
    #[must_use]
    pub fn new(log: EventLog, handler: H) -> Self {
        Self {
            log,
            handler,
            start: Start::Next,
            limits: BatchLimits { events: 256, gathering: Duration::ZERO },
            sources: KnownSources::default(),
            health: Health::new("event log"),
            taken: Mutex::default(),
        }
    }

    /// Where to start if nothing was taken yet.
    #[must_use]
    pub fn starting_at(self, start: Start) -> Self {
        Self { start, ..self }
    }

    /// A batch has up to this many events (256 unless set), and a few more if its last message has several. It waits this
    /// long for more events after its first one (not at all unless set: then it gets what is there).
    #[must_use]
    pub fn batches_of(self, events: usize, gathering: Duration) -> Self {
        Self { limits: BatchLimits { events, gathering }, ..self }
    }

    /// Sources that earlier releases named differently.
    #[must_use]
    pub fn renamed_sources(self, sources: Vec<RenamedSource>) -> Self {
        Self { sources: KnownSources::new(RenamedSources::new(sources), None), ..self }
    }

    /// Reports to this health; a handler that waits for its turn can report to it as well.
    #[must_use]
    pub fn reporting_to(self, health: Health) -> Self {
        Self { health, ..self }
    }

    /// Whether it is running.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Runs until `stop`; then it finishes the batch that it has begun.
    pub async fn run(self, stop: CancellationToken) {
        supervise(&self, &stop).await;
    }

    async fn begin(&self) -> Result<Tail<'_>, BusError> {
        let taken = self.taken().clone();
        let reached = self.handler.reached(taken).await.map_err(Interrupted::Handler)?;
        let begun = match &reached {
            Some(position) => go_on(&self.log, position).await?,
            None => begin(&self.log, self.start).await?,
        };
        if let Some(end) = &begun.end {
            *self.taken() = Some(end.clone());
        }
        Ok(Tail::new(begun, self.limits, &self.sources))
    }

    /// Takes a batch. An event that is at fault is found by halving.
    async fn take(&self, batch: LogBatch) -> Result<(), BusError> {
        self.health.busy();
        let mut left = vec![batch];
        while let Some(batch) = left.pop() {
            let failure = match self.handler.take(&batch).await {
                Ok(()) => {
                    *self.taken() = Some(batch.reached);
                    self.health.progressed();
                    continue;
                }
                Err(failure @ Failure::Permanent(_)) => failure,
                Err(failure) => return Err(Interrupted::Handler(failure).into()),
            };
            match batch.halves() {
                Halves::Two(first, second) => left.extend([second, first]),
                Halves::One { event, without } => {
                    warn!(offset = event.offset, index = event.index, event_type = event.kind(), %failure,
                          "an event of the log can't be taken: passed over");
                    left.push(without);
                }
                Halves::Nothing => return Err(Interrupted::Handler(failure).into()),
            }
        }
        self.health.idle();
        Ok(())
    }

    fn taken(&self) -> MutexGuard<'_, Option<LogPosition>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: LogHandler> Session for Follower<H> {
    const ROLE: &'static str = "event log";

    fn health(&self) -> &Health {
        &self.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.health.idle();
        let Some(tail) = stop.run_until_cancelled(self.begin()).await else { return Ok(()) };
        let mut tail = tail?;
        self.health.up();
        while let Some(batch) = stop.run_until_cancelled(tail.next_batch()).await {
            self.take(batch?).await?;
        }
        Ok(())
    }
}
