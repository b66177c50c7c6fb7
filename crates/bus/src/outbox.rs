//! The outbox: events are committed together with the rows that they describe, and published afterwards by the
//! [relay](crate::relay). So there is never an event without its change, nor a change without its event.

pub(crate) mod epochs;
pub(crate) mod error;
pub(crate) mod insert;
mod numbering;
mod republishing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use envelope::{Cause, Clock, Envelope, EventType, aggregate_of, source_of};
use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::Notify;

use crate::epoch::floor_of;
use crate::invalid_event::{check_after, check_names};
use crate::timers::{Timers, WakeUp};
use crate::transaction::{commit, commit_sound};
use error::OutboxError;

/// Writes a service's events into its outbox. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    /// The sources that the service publishes under.
    sources: Arc<[String]>,
    /// The largest event that is written.
    max_bytes: usize,
    clock: Clock,
    committed: Arc<Notify>,
    /// Wakes the runner for timers that were set in the same transaction.
    timers: Arc<WakeUp>,
    /// Numbers are above it, see [`epoch`](crate::epoch).
    floor: Arc<AtomicI64>,
    /// During a rebuild nothing is published a second time.
    silent: Arc<AtomicBool>,
}

impl Outbox {
    pub(crate) fn new(aggregates: &[String], max_bytes: usize, clock: Clock, epoch: i64) -> Self {
        let sources = aggregates.iter().map(|aggregate| source_of(aggregate)).collect();
        let floor = Arc::new(AtomicI64::new(floor_of(epoch)));
        Self {
            sources,
            max_bytes,
            clock,
            committed: Arc::default(),
            timers: Arc::default(),
            floor,
            silent: Arc::default(),
        }
    }

    /// Wraps an event of this service that happens now. [`append`](Self::append) numbers it, unless the caller does
    /// with [`number_after`](Self::number_after).
    ///
    /// # Errors
    /// [`OutboxError::Event`] when the event can't be written as JSON.
    pub fn wrap<E: EventType>(&self, event: &E, cause: &Cause) -> Result<Envelope, OutboxError> {
        Ok(Envelope::new(event, cause, self.clock.now())?)
    }

    /// Gives an event the number that follows `last`, the last one of its subject (0 if there is none). Usually that is one
    /// more; after the service was restored from a backup, it is much more.
    #[must_use]
    pub fn number_after(&self, last: i64, mut event: Envelope) -> Envelope {
        numbering::number_after(&mut event, last, self.floor.load(Ordering::Relaxed));
        event
    }

    /// Writes events in the caller's transaction, in this order. Those without a number get the next ones of their
    /// subject; that row stays locked until the transaction ends, so that numbers have no gaps and the outbox's
    /// order is each subject's order.
    ///
    /// A caller who numbers events itself must hold a lock of its own on the subject by then, for the same reason.
    ///
    /// # Errors
    /// When the database refuses a statement; when an event's aggregate is not [published](crate::Settings::publishes) by the
    /// service, its subject has ended, or no broker would take the event. Roll the transaction back then.
    pub async fn append(
        &self,
        connection: &mut PgConnection,
        mut events: Vec<Envelope>,
    ) -> Result<(), OutboxError> {
        if events.is_empty() || self.silent.load(Ordering::Relaxed) {
            return Ok(());
        }
        if let Some(foreign) = events.iter().find(|event| !self.sources.contains(&event.source)) {
            return Err(OutboxError::NotPublished(aggregate_of(&foreign.source)));
        }
        for event in &events {
            check_names(&event.source, &event.subject, &event.kind)?;
            check_after(event)?;
        }
        numbering::number(connection, &mut events, self.floor.load(Ordering::Relaxed)).await?;
        #[cfg(debug_assertions)]
        let events = crate::fault_injection::divert(&self.committed, events);
        insert::insert(connection, events, self.max_bytes).await
    }

    /// Commits the transaction and wakes the relay, so that its events go out at once, and timers that are due.
    ///
    /// # Errors
    /// When the transaction was aborted by an error that the caller ignored: then it is rolled back. When the commit fails:
    /// if the connection was lost, whether it took effect is unknown.
    pub async fn commit(&self, transaction: Transaction<'_, Postgres>) -> sqlx::Result<()> {
        commit(transaction).await?;
        self.wake();
        Ok(())
    }

    /// [`append`](Self::append) and [`commit`](Self::commit) in one. Since the events are written by the last statement
    /// before the commit, their success shows that the transaction was not aborted.
    ///
    /// # Errors
    /// Those of both.
    pub async fn append_and_commit(
        &self,
        mut transaction: Transaction<'_, Postgres>,
        events: Vec<Envelope>,
    ) -> Result<(), OutboxError> {
        if events.is_empty() || self.silent.load(Ordering::Relaxed) {
            return Ok(self.commit(transaction).await?);
        }
        self.append(&mut transaction, events).await?;
        Ok(self.commit_sound(transaction).await?)
    }

    /// [`commit`](Self::commit) in the bus itself, where a statement has shown that the transaction is sound.
    pub(crate) async fn commit_sound(&self, transaction: Transaction<'_, Postgres>) -> sqlx::Result<()> {
        commit_sound(transaction).await?;
        self.wake();
        Ok(())
    }

    /// Notifies the relay of this process that a transaction with events was committed, and the runner of timers.
    pub fn wake(&self) {
        self.committed.notify_one();
        self.timers.committed();
    }

    /// What sets timers in transactions that this commits.
    pub(crate) fn timers(&self) -> Timers {
        Timers { wake_up: Arc::clone(&self.timers) }
    }

    /// From now on numbers are of this epoch.
    pub(crate) fn begin_epoch(&self, epoch: i64) {
        self.floor.store(floor_of(epoch), Ordering::Relaxed);
    }

    /// From now on nothing is written, and no number is given.
    pub(crate) fn disable(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn woken(&self) {
        self.committed.notified().await;
    }
}
