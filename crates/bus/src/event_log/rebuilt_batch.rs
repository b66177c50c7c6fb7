//! How a batch of events is taken within the one transaction of a rebuild.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::{Acquire, PgConnection};
use uuid::Uuid;

use crate::error::BusError;
use crate::event_key::SubjectKey;
use crate::failure::Failure;
use crate::inbox::cross_subject_order::CrossSubjectOrder;
use crate::inbox::epoch_changes;
use crate::inbox::handler::Handler;
use crate::inbox::handler_runner::HandlerRunner;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::positions;
use crate::inbox::sequence_run::sequence_runs;
use crate::inbox::sorting::sort;
use crate::incoming::Incoming;
use crate::parking::{first_of_subject, rows};
use crate::transaction::commit_sound;

/// Takes batches of a log that is read in its order.
pub(crate) struct RebuiltBatch<'a, H> {
    pub runner: &'a HandlerRunner<H>,
    /// What these did is known already: their positions move, and no more.
    pub known: &'a HashSet<Uuid>,
    /// Whether a subject may begin with a snapshot: not where what came before was decided on.
    pub from_snapshots: bool,
}

/// What became of a batch.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rebuilt {
    pub handled: usize,
    pub known: usize,
}

impl Rebuilt {
    fn add(&mut self, other: Self) {
        self.handled += other.handled;
        self.known += other.known;
    }
}

impl<H: Handler> RebuiltBatch<'_, H> {
    /// Takes what comes next of each subject, and parks the rest: what the handler fails at, and what waits for another
    /// event. The service tries those again once it runs.
    pub async fn take(&self, connection: &mut PgConnection, batch: &[Incoming]) -> Result<Rebuilt, BusError> {
        let mut sorted: Vec<&Incoming> = batch.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        self.take_sorted(connection, &sorted).await
    }

    async fn take_sorted(
        &self,
        connection: &mut PgConnection,
        sorted: &[&Incoming],
    ) -> Result<Rebuilt, BusError> {
        let keys: BTreeSet<SubjectKey> = sorted.iter().map(|event| SubjectKey::from(&event.key)).collect();
        let mut positions = positions::lock(connection, &keys).await?;
        if self.from_snapshots {
            begin_with_snapshots(connection, sorted, &mut positions).await?;
        }
        let blocked = rows::blocked(connection, &keys).await?;
        let others =
            CrossSubjectOrder(positions::read(connection, &CrossSubjectOrder::named_by(sorted)).await?);
        let mut events = sort(sorted, &mut positions, &blocked, &others);
        epoch_changes::note(connection, &events.epoch_changes).await?;
        let failed = self.take_ready(connection, &events.ready).await?;
        let mut rebuilt = self.count(&events.ready);
        if !events.ready.is_empty() && events.waiting.iter().any(|event| event.after.is_some()) {
            // What some of them must not overtake may have been in the same batch.
            rebuilt.add(Box::pin(self.take_sorted(connection, &std::mem::take(&mut events.waiting))).await?);
        }
        events.waiting.append(&mut events.behind);
        events.waiting.append(&mut events.conflicting);
        rows::park_waiting(connection, &events.waiting).await?;
        if !events.waiting.is_empty() || !failed.is_empty() {
            first_of_subject::settle(connection, &keys).await?;
        }
        Ok(rebuilt)
    }

    fn count(&self, ready: &[&Incoming]) -> Rebuilt {
        let known = ready.iter().filter(|event| self.is_known(event)).count();
        Rebuilt { known, handled: ready.len() - known }
    }

    fn is_known(&self, event: &Incoming) -> bool {
        // A snapshot may have several consequences, of which only some are known.
        !event.is_snapshot()
            && event.envelope.as_ref().is_ok_and(|envelope| self.known.contains(&envelope.id))
    }

    /// Takes events that come next. What fails is found by halving: it is parked, and what follows in its subject. Returns
    /// the subjects of what failed.
    async fn take_ready(
        &self,
        connection: &mut PgConnection,
        ready: &[&Incoming],
    ) -> Result<BTreeSet<SubjectKey>, BusError> {
        let Some(reason) = self.try_all(connection, ready).await? else { return Ok(BTreeSet::new()) };
        if let [event] = ready {
            rows::park_failed(connection, event, &reason).await?;
            self.runner.report_failed(event, &reason);
            return Ok(BTreeSet::from([SubjectKey::from(&event.key)]));
        }
        let (left, right) = ready.split_at(ready.len() / 2);
        let mut failed = Box::pin(self.take_ready(connection, left)).await?;
        let is_behind = |event: &&&Incoming| failed.contains(&SubjectKey::from(&event.key));
        let (behind, right): (Vec<&Incoming>, Vec<&Incoming>) =
            right.iter().partition(|event| is_behind(event));
        rows::park_waiting(connection, &behind).await?;
        failed.extend(Box::pin(self.take_ready(connection, &right)).await?);
        Ok(failed)
    }

    /// Returns why the handler failed, if it did; then nothing happened.
    async fn try_all(
        &self,
        connection: &mut PgConnection,
        ready: &[&Incoming],
    ) -> Result<Option<String>, BusError> {
        if ready.is_empty() {
            return Ok(None);
        }
        let runs = sequence_runs(ready).map_err(Interrupted::from)?;
        let mut savepoint = connection.begin().await?;
        let new: Vec<&Incoming> = ready.iter().copied().filter(|event| !self.is_known(event)).collect();
        match self.runner.run(&new, &mut savepoint).await {
            Ok(()) => {
                positions::set(&mut savepoint, &runs).await?;
                commit_sound(savepoint).await?;
                Ok(None)
            }
            Err(failure @ (Failure::Transient(_) | Failure::Unclear(_))) => {
                Err(Interrupted::Handler(failure).into())
            }
            Err(Failure::Permanent(reason)) => {
                savepoint.rollback().await?;
                Ok(Some(reason.to_string()))
            }
        }
    }
}

/// Of subjects that nothing was taken of: what comes before their first snapshot is in it.
async fn begin_with_snapshots(
    connection: &mut PgConnection,
    sorted: &[&Incoming],
    positions: &mut BTreeMap<SubjectKey, i64>,
) -> sqlx::Result<()> {
    for snapshot in sorted.iter().filter(|event| event.is_snapshot()) {
        let key = SubjectKey::from(&snapshot.key);
        let position = positions.entry(key.clone()).or_default();
        if *position == 0 {
            *position = snapshot.previous;
            rows::remove_until(connection, &key, snapshot.previous).await?;
        }
    }
    Ok(())
}
