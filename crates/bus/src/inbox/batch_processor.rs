//! How a batch of events is taken: positions, handler, effects and outgoing events in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use envelope::Envelope;
use futures::FutureExt;
use sqlx::{PgConnection, PgPool};
use tracing::{debug, error, info, warn};

use crate::error::Failure;
use crate::inbox::{self, Key};
use crate::message::{Incoming, Place};
use crate::observer::Observer;
use crate::outbox::Outbox;
use crate::parking;
use crate::trace::{Traces, trace_id};

/// What a service does on events.
pub trait Handler: Send + Sync + 'static {
    /// Handles events that are new and in order, by subject, in the transaction that also moves the positions:
    /// write all effects through `connection`, and answers through an [`Outbox`]. Types that the service does not
    /// need are in the slice too and are passed over.
    ///
    /// # Errors
    /// [`Failure::Transient`] to have the same events again, [`Failure::Permanent`] when an event can't be handled.
    /// Nothing of what was written stays in either case.
    fn handle(
        &self,
        events: &[&Envelope],
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Whether all that it does is to build tables from the events, so that they can be built again from nothing. A
    /// handler that decides something must say no: run over old events, it would decide anew.
    const PROJECTS: bool = false;

    /// Empties the tables that it builds from the events; asked before they are built again.
    ///
    /// # Errors
    /// What the database says.
    fn forget(&self, _connection: &mut PgConnection) -> impl Future<Output = sqlx::Result<()>> + Send {
        async { Ok(()) }
    }
}

/// Takes batches for one consumer.
pub(crate) struct Taking<H> {
    pub pool: PgPool,
    pub handler: H,
    pub outbox: Outbox,
    pub observer: Arc<dyn Observer>,
    pub traces: Traces,
}

/// The events of a batch, sorted: what is to be done with each.
#[derive(Default)]
struct Sorted<'a> {
    ready: Vec<&'a Incoming>,
    /// Ahead of their subject's position.
    waiting: Vec<&'a Incoming>,
    /// Behind a parked event of their subject.
    behind: Vec<&'a Incoming>,
    duplicates: usize,
}

/// Nothing of the batch was taken, since the database is away or somebody was in the way.
pub(crate) type Interrupted = sqlx::Error;

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// These are ahead of their subject's position and must wait; everything else may be acknowledged.
    pub waiting: BTreeSet<Place>,
    /// So many were new and in order.
    pub tried: usize,
    /// So many of them failed and are parked.
    pub failed: usize,
}

impl Taken {
    fn well(tried: usize) -> Self {
        Self { tried, ..Self::default() }
    }

    fn add(&mut self, other: Self) {
        self.waiting.extend(other.waiting);
        self.tried += other.tried;
        self.failed += other.failed;
    }
}

impl<H: Handler> Taking<H> {
    /// Takes a batch, in any order.
    pub async fn take(&self, batch: &[&Incoming]) -> Result<Taken, Interrupted> {
        let mut sorted = batch.to_vec();
        sorted.sort_by(|a, b| a.place.cmp(&b.place));
        let began = Instant::now();
        let taken = if self.take_fast(&sorted).await? {
            Taken::well(sorted.len())
        } else {
            self.take_with_care(&sorted).await?
        };
        self.observer.handled(batch.len(), began.elapsed());
        Ok(taken)
    }

    /// When every event comes right behind its subject's position, one statement moves them all. False when it is
    /// not that simple; then nothing happened.
    async fn take_fast(&self, sorted: &[&Incoming]) -> Result<bool, Interrupted> {
        let Some(spans) = inbox::spans(sorted) else { return Ok(false) };
        if sorted.iter().any(|event| event.envelope.is_err()) {
            return Ok(false);
        }
        let mut transaction = self.pool.begin().await?;
        // First the positions' locks, then the look at what is parked: the other way round, an instance could park
        // an event between the two and nobody would take it.
        let fits = inbox::advance(&mut transaction, &spans).await?
            && parking::blocked(&mut transaction, spans.iter().map(|span| &span.key)).await?.is_empty();
        if !fits {
            transaction.rollback().await?;
            return Ok(false);
        }
        match self.call_handler(sorted, &mut transaction).await {
            Ok(()) => {}
            Err(Failure::Transient(reason)) => return Err(interrupted(reason)),
            Err(Failure::Permanent(_)) => {
                transaction.rollback().await?;
                return Ok(false);
            }
        }
        self.outbox.commit(transaction).await?;
        self.tell_taken(sorted);
        Ok(true)
    }

    /// Looks at every event's place under the positions' locks.
    async fn take_with_care(&self, sorted: &[&Incoming]) -> Result<Taken, Interrupted> {
        let mut transaction = self.pool.begin().await?;
        let keys: BTreeSet<Key> = sorted.iter().map(|event| Key::from(&event.place)).collect();
        let mut positions = inbox::lock(&mut transaction, &keys).await?;
        let blocked = parking::blocked(&mut transaction, &keys).await?;
        let events = sort(sorted, &mut positions, &blocked);
        match self.call_handler(&events.ready, &mut transaction).await {
            Ok(()) => {}
            Err(Failure::Transient(reason)) => return Err(interrupted(reason)),
            Err(Failure::Permanent(reason)) => {
                transaction.rollback().await?;
                return self.take_one_by_one(sorted, &reason).await;
            }
        }
        // Sorted and in order, they have no gap.
        inbox::set(&mut transaction, &inbox::spans(&events.ready).unwrap_or_default()).await?;
        parking::park_waiting(&mut transaction, &events.behind).await?;
        self.outbox.commit(transaction).await?;
        self.tell(&events);
        for key in blocked {
            self.unpark(&key).await?;
        }
        let waiting = events.waiting.iter().map(|event| event.place.clone()).collect();
        Ok(Taken { waiting, ..Taken::well(events.ready.len()) })
    }

    /// The batch failed, so each event gets a transaction of its own: good ones are taken, the failing one is parked,
    /// and those behind it.
    async fn take_one_by_one(&self, sorted: &[&Incoming], reason: &str) -> Result<Taken, Interrupted> {
        if let [event] = sorted {
            self.park_failed(event, reason).await?;
            return Ok(Taken { failed: 1, ..Taken::well(1) });
        }
        debug!(events = sorted.len(), reason, "a batch failed; taking its events one by one");
        let mut taken = Taken::default();
        for event in sorted {
            taken.add(Box::pin(self.take_with_care(&[event])).await?);
        }
        Ok(taken)
    }

    /// Parks an event, if it still is its subject's next one.
    async fn park_failed(&self, event: &Incoming, reason: &str) -> Result<(), Interrupted> {
        let mut transaction = self.pool.begin().await?;
        let key = Key::from(&event.place);
        let position = inbox::lock(&mut transaction, &BTreeSet::from([key.clone()])).await?;
        if position.get(&key) == Some(&(event.place.sequence - 1)) {
            parking::park_failed(&mut transaction, event, reason).await?;
            complain(event, reason);
            self.observer.failed(&event.kind);
            self.observer.parked(1);
        }
        transaction.commit().await
    }

    /// Parks events that waited for an earlier one for long enough.
    pub async fn park_waiting(&self, events: &[&Incoming]) -> Result<(), Interrupted> {
        let keys = self.park_new(events).await?;
        warn!(events = events.len(), "parked events whose predecessors have not come");
        self.observer.parked(events.len());
        for key in keys {
            self.unpark(&key).await?;
        }
        Ok(())
    }

    /// Parks events that came back again and again, perhaps because one of them kills the process, so that each can
    /// be tried alone and its tries be counted. They are due at once.
    pub async fn set_aside(&self, events: &[&Incoming]) -> Result<(), Interrupted> {
        info!(events = events.len(), "events came back more than once: trying each alone");
        self.park_new(events).await.map(|_| ())
    }

    /// Parks those that were not taken yet; returns their subjects.
    async fn park_new(&self, events: &[&Incoming]) -> Result<BTreeSet<Key>, Interrupted> {
        let mut transaction = self.pool.begin().await?;
        let keys: BTreeSet<Key> = events.iter().map(|event| Key::from(&event.place)).collect();
        // The locks order us after an instance that is taking the predecessor right now: either it sees what we
        // park, or the look afterwards finds the position moved.
        let positions = inbox::lock(&mut transaction, &keys).await?;
        let is_new = |event: &Incoming| {
            positions.get(&Key::from(&event.place)).is_none_or(|position| event.place.sequence > *position)
        };
        let new: Vec<&Incoming> = events.iter().copied().filter(|event| is_new(event)).collect();
        parking::park_waiting(&mut transaction, &new).await?;
        transaction.commit().await?;
        Ok(keys)
    }

    /// A panic is the events' fault until somebody shows otherwise: it must not end the consumer.
    pub(crate) async fn call_handler(
        &self,
        events: &[&Incoming],
        connection: &mut PgConnection,
    ) -> Result<(), Failure> {
        let mut envelopes = Vec::with_capacity(events.len());
        for event in events {
            envelopes.push(event.envelope.as_ref().map_err(Failure::permanent)?);
        }
        if envelopes.is_empty() {
            return Ok(());
        }
        let processing = self.traces.process(events, &envelopes);
        if let Some(processing) = &processing {
            envelopes = processing.events.iter().collect();
        }
        let handled = AssertUnwindSafe(self.handler.handle(&envelopes, connection)).catch_unwind().await;
        let handled = handled.unwrap_or_else(|_| Err(Failure::permanent("the handler panicked")));
        if let Some(processing) = processing {
            processing.end(handled.as_ref().err().map(ToString::to_string).as_deref());
        }
        handled
    }

    fn tell(&self, events: &Sorted<'_>) {
        self.tell_taken(&events.ready);
        self.observer.duplicates(events.duplicates);
        self.observer.parked(events.behind.len());
    }

    pub(crate) fn tell_taken(&self, events: &[&Incoming]) {
        let envelopes: Vec<&Envelope> =
            events.iter().filter_map(|event| event.envelope.as_ref().ok()).collect();
        self.observer.taken(&envelopes);
    }
}

/// Sorts events by what is to be done with them, and moves `positions` past those that are ready.
fn sort<'a>(
    events: &[&'a Incoming],
    positions: &mut BTreeMap<Key, i64>,
    blocked: &BTreeSet<Key>,
) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    for event in events {
        let key = Key::from(&event.place);
        let is_blocked = blocked.contains(&key);
        let position = positions.entry(key).or_default();
        #[cfg(debug_assertions)]
        if crate::sabotage::takes(event.place.sequence, *position) {
            *position = event.place.sequence.max(*position);
            sorted.ready.push(event);
            continue;
        }
        if event.place.sequence <= *position {
            sorted.duplicates += 1;
        } else if is_blocked {
            sorted.behind.push(event);
        } else if event.place.sequence == *position + 1 {
            *position += 1;
            sorted.ready.push(event);
        } else {
            sorted.waiting.push(event);
        }
    }
    sorted
}

/// Says that an event is parked, without anything of what it holds.
pub(crate) fn complain(event: &Incoming, reason: &str) {
    let Place { source, subject, sequence } = &event.place;
    let cause = event.envelope.as_ref().ok().and_then(|envelope| envelope.cause.traceparent.as_deref());
    error!(%source, %subject, sequence, kind = %event.kind, trace_id = trace_id(cause), reason,
           "an event can't be handled: parked");
}

pub(crate) fn interrupted(reason: String) -> Interrupted {
    sqlx::Error::Protocol(reason)
}

#[cfg(test)]
mod tests;
