//! How a batch of events is taken: positions, handler, effects and outgoing events in one transaction.

mod isolating;

use std::collections::BTreeSet;
use std::time::Instant;

use sqlx::Connection;
use tracing::{info, warn};

use crate::event_key::{EventKey, SubjectKey};
use crate::inbox::cross_subject_order::CrossSubjectOrder;
use crate::inbox::epoch_changes;
use crate::inbox::handler::Handler;
use crate::inbox::handler_runner::HandlerRunner;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::positions;
use crate::inbox::sequence_run::{SequenceGap, SequenceRun, sequence_runs};
use crate::inbox::sorting::{Sorted, sort};
use crate::inbox::verdict::Verdict;
use crate::incoming::Incoming;
use crate::parking::arrivals::park_new;
use crate::parking::{first_of_subject, rows};
use crate::reused_connection::ReusedConnection;
use crate::transaction::commit_sound;

/// Takes batches for one consumer.
pub(crate) struct BatchProcessor<H> {
    pub runner: HandlerRunner<H>,
    connection: ReusedConnection,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// These are ahead of their subject's position and must wait; everything else may be acknowledged.
    pub waiting: BTreeSet<EventKey>,
    /// How many were new and in order.
    pub tried: usize,
    /// How many of them failed and are parked.
    pub failed: usize,
    /// Subjects with parked events, of which the next may be here by now.
    pub to_retry: BTreeSet<SubjectKey>,
}

impl Taken {
    fn all(tried: usize) -> Self {
        Self { tried, ..Self::default() }
    }

    fn add(&mut self, other: Self) {
        self.waiting.extend(other.waiting);
        self.tried += other.tried;
        self.failed += other.failed;
        self.to_retry.extend(other.to_retry);
    }
}

impl<H: Handler> BatchProcessor<H> {
    pub fn new(runner: HandlerRunner<H>) -> Self {
        let connection = ReusedConnection::of(runner.pool.clone());
        Self { runner, connection }
    }

    /// Takes a batch, in any order. `decided`: an event that fails alone is at fault, even where that isn't clear.
    pub async fn take(&self, batch: &[&Incoming], decided: bool) -> Result<Taken, Interrupted> {
        let mut sorted = batch.to_vec();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        let began = Instant::now();
        let taken = match self.take_fast(&sorted).await {
            Ok(true) => Taken::all(sorted.len()),
            Ok(false) => self.take_or_isolate(&sorted, decided).await?,
            Err(error) => self.isolate(&sorted, error, decided).await?,
        };
        self.runner.observer.handled(batch.len(), began.elapsed());
        Ok(taken)
    }

    /// When every event comes right behind its subject's position, one statement moves them all. False when it is
    /// not that simple; then nothing happened.
    async fn take_fast(&self, sorted: &[&Incoming]) -> Result<bool, Interrupted> {
        let Ok(runs) = sequence_runs(sorted) else { return Ok(false) };
        if sorted.iter().any(|event| event.envelope.is_err() || event.begins_epoch() || event.after.is_some())
        {
            return Ok(false);
        }
        let mut connection = self.connection.lease().await?;
        let mut transaction = connection.begin().await?;
        // First the positions' locks, then the look at what is parked: the other way round, an instance could park
        // an event between the two and nobody would take it.
        let fits = positions::advance(&mut transaction, &runs).await?
            && rows::blocked(&mut transaction, runs.iter().map(|span| &span.key)).await?.is_empty();
        if !fits {
            transaction.rollback().await?;
            self.connection.keep(connection);
            return Ok(false);
        }
        self.runner.run(sorted, &mut transaction).await.map_err(Interrupted::Handler)?;
        self.runner.outbox.commit_sound(transaction).await?;
        self.connection.keep(connection);
        self.runner.report_taken(sorted);
        Ok(true)
    }

    /// Looks at every event's place under the positions' locks.
    async fn take_under_locks(&self, sorted: &[&Incoming]) -> Result<Taken, Interrupted> {
        let mut transaction = self.runner.pool.begin().await?;
        let keys: BTreeSet<SubjectKey> = sorted.iter().map(|event| SubjectKey::from(&event.key)).collect();
        let mut positions = positions::lock(&mut transaction, &keys).await?;
        let blocked = rows::blocked(&mut transaction, &keys).await?;
        let named = CrossSubjectOrder::named_by(sorted);
        let others = CrossSubjectOrder(positions::read(&mut transaction, &named).await?);
        let events = sort(sorted, &mut positions, &blocked, &others);
        let runs = runs_of_ready(&events.ready)?;
        epoch_changes::note(&mut transaction, &events.epoch_changes).await?;
        epoch_changes::report_orphans(&mut transaction, &events.duplicates, &positions).await?;
        self.runner.run(&events.ready, &mut transaction).await.map_err(Interrupted::Handler)?;
        positions::set(&mut transaction, &runs).await?;
        rows::park_waiting(&mut transaction, &events.behind).await?;
        if !blocked.is_empty() {
            first_of_subject::settle(&mut transaction, &blocked).await?;
        }
        for event in &events.conflicting {
            rows::park_conflicting(&mut transaction, event).await?;
        }
        self.runner.outbox.commit_sound(transaction).await?;
        self.report(&events);
        let waiting = events.waiting.iter().map(|event| event.key.clone()).collect();
        Ok(Taken { waiting, to_retry: blocked, ..Taken::all(events.ready.len()) })
    }

    /// Parks an event, if it still is its subject's next one.
    async fn park_failed(&self, event: &Incoming, reason: &str) -> Result<Taken, Interrupted> {
        let mut transaction = self.runner.pool.begin().await?;
        let position = positions::lock_one(&mut transaction, &SubjectKey::from(&event.key)).await?;
        if Verdict::of(position, event.number()).takes() {
            rows::park_failed(&mut transaction, event, reason).await?;
            self.runner.report_failed(event, reason);
            self.runner.observer.parked(1);
        }
        commit_sound(transaction).await?;
        Ok(Taken { failed: 1, ..Taken::all(1) })
    }

    /// Parks events that waited for an earlier one for long enough. Returns their subjects.
    pub async fn park_waiting(&self, events: &[&Incoming]) -> Result<BTreeSet<SubjectKey>, Interrupted> {
        let keys = park_new(&self.runner.pool, events).await?;
        warn!(events = events.len(), "parked events whose predecessors have not come");
        self.runner.observer.parked(events.len());
        Ok(keys)
    }

    /// Parks events that came back again and again, perhaps because one of them crashes the process, so that each can
    /// be tried alone and its attempts be counted. They are due at once. Returns their subjects.
    pub async fn park_suspects(&self, events: &[&Incoming]) -> Result<BTreeSet<SubjectKey>, Interrupted> {
        info!(events = events.len(), "events came back more than once: trying each alone");
        Ok(park_new(&self.runner.pool, events).await?)
    }

    fn report(&self, events: &Sorted<'_>) {
        self.runner.report_taken(&events.ready);
        self.runner.observer.duplicates(events.duplicates.len());
        self.runner.observer.parked(events.behind.len() + events.conflicting.len());
    }
}

/// What was sorted by the positions has no gap, unless a fault is injected.
fn runs_of_ready(ready: &[&Incoming]) -> Result<Vec<SequenceRun>, SequenceGap> {
    let runs = sequence_runs(ready);
    #[cfg(debug_assertions)]
    if crate::fault_injection::takes_out_of_order() {
        return Ok(runs.unwrap_or_default());
    }
    runs
}
