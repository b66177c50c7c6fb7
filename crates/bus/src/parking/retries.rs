//! How parked events are tried again: in the order of their subject, one at a time, each try counted before it is made.

use std::collections::BTreeSet;

use tracing::error;

use crate::error::Failure;
use crate::inbox::{self, Key};
use crate::parking::{self, Candidate};
use crate::taking::{Handler, Interrupted, Taking, complain, interrupted};

/// So many subjects are probed while the handler is held to be at fault.
const PROBES: i64 = 10;

/// What became of a try.
enum Tried {
    Taken,
    Failed,
    /// Another instance or an operator was first.
    Gone,
}

impl<H: Handler> Taking<H> {
    /// Tries all that is parked and due.
    pub async fn sweep(&self) -> Result<(), Interrupted> {
        loop {
            let due = parking::due(&self.pool).await?;
            if due.is_empty() {
                return Ok(());
            }
            for key in due {
                self.unpark(&key).await?;
            }
        }
    }

    /// Takes the subject's parked events, in order, for as long as it goes.
    pub(crate) async fn unpark(&self, key: &Key) -> Result<(), Interrupted> {
        while let Some(candidate) = self.begin_try(key).await? {
            if !matches!(self.finish_try(key, &candidate).await?, Tried::Taken) {
                break;
            }
        }
        Ok(())
    }

    /// Tries some of the events that failed last. Returns whether the handler takes events again: whether less than
    /// a fifth of these failed, which is also so when none is left.
    pub async fn probe(&self) -> Result<bool, Interrupted> {
        let (mut tried, mut failed) = (0, 0);
        for key in parking::make_due(&self.pool, PROBES).await? {
            if let Some(candidate) = self.begin_try(&key).await? {
                tried += 1;
                if matches!(self.finish_try(&key, &candidate).await?, Tried::Failed) {
                    failed += 1;
                    // It is the handler that was tried, not the event.
                    candidate.untried(&self.pool).await?;
                }
            }
        }
        Ok(failed * 5 < tried || tried == 0)
    }

    /// Commits that the subject's next event is being tried, if it is due.
    async fn begin_try(&self, key: &Key) -> Result<Option<Candidate>, Interrupted> {
        let mut transaction = self.pool.begin().await?;
        let position = self.position(&mut transaction, key).await?;
        let candidate = parking::next(&mut transaction, key, position).await?;
        match &candidate {
            Some(deadly) if deadly.is_deadly() => {
                deadly.give_up(&mut transaction).await?;
                transaction.commit().await?;
                let place = &deadly.event.place;
                error!(source = %place.source, subject = %place.subject, sequence = place.sequence,
                       kind = %deadly.event.kind, "an event kills the process: parked until an operator decides");
                self.observer.parked(1);
                return Ok(None);
            }
            Some(candidate) => candidate.begin(&mut transaction).await?,
            None => {}
        }
        transaction.commit().await?;
        Ok(candidate)
    }

    async fn finish_try(&self, key: &Key, candidate: &Candidate) -> Result<Tried, Interrupted> {
        let event = &candidate.event;
        let mut transaction = self.pool.begin().await?;
        let position = self.position(&mut transaction, key).await?;
        if position + 1 != event.place.sequence || !candidate.is_still_there(&mut transaction).await? {
            transaction.rollback().await?;
            return Ok(Tried::Gone);
        }
        match self.call_handler(&[event], &mut transaction).await {
            Ok(()) => {}
            Err(Failure::Transient(reason)) => {
                transaction.rollback().await?;
                candidate.untried(&self.pool).await?;
                return Err(interrupted(reason));
            }
            Err(Failure::Permanent(reason)) => {
                transaction.rollback().await?;
                return self.note_failure(key, candidate, &reason).await;
            }
        }
        inbox::set(&mut transaction, &inbox::spans(&[event]).unwrap_or_default()).await?;
        parking::remove_until(&mut transaction, key, event.place.sequence).await?;
        self.outbox.commit(transaction).await?;
        self.tell_taken(&[event]);
        Ok(Tried::Taken)
    }

    async fn note_failure(
        &self,
        key: &Key,
        candidate: &Candidate,
        reason: &str,
    ) -> Result<Tried, Interrupted> {
        let mut transaction = self.pool.begin().await?;
        self.position(&mut transaction, key).await?;
        if candidate.is_still_there(&mut transaction).await? {
            parking::failed(&mut transaction, &candidate.event.place, candidate.attempts + 1, reason).await?;
            complain(&candidate.event, reason);
            self.observer.failed(&candidate.event.kind);
        }
        transaction.commit().await?;
        Ok(Tried::Failed)
    }

    /// The subject's position, locked.
    async fn position(&self, connection: &mut sqlx::PgConnection, key: &Key) -> Result<i64, Interrupted> {
        let keys = BTreeSet::from([key.clone()]);
        Ok(inbox::lock(connection, &keys).await?.get(key).copied().unwrap_or(0))
    }
}
