//! How due timers fire: lock the service's rows, then the timers; the effects, the events and the end of the timers are one
//! transaction.

mod alone;
mod isolating;

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::FutureExt;
use sqlx::{Connection, PgConnection};
use tracing::{debug, error};

use crate::failure::Failure;
use crate::inbox::interrupted::Interrupted;
use crate::observer::Observer;
use crate::outbox::Outbox;
use crate::parking::retry_delay;
use crate::timers::due_timer::DueTimer;
use crate::timers::handler::TimerHandler;
use crate::timers::rows;
use crate::transaction::must_be_sound;

/// Fires timers.
pub(crate) struct Firing<H> {
    pub handler: H,
    pub outbox: Outbox,
    pub observer: Arc<dyn Observer>,
    /// For one transaction: then its connection counts as half open.
    pub timeout: Duration,
    /// Since when whole batches fail without it being clear why.
    pub unclear_since: Mutex<Option<Instant>>,
}

impl<H: TimerHandler> Firing<H> {
    /// Fires those of these timers, of one kind and sorted by key, that are still set as they were. All or none.
    pub async fn fire(&self, connection: &mut PgConnection, timers: &[DueTimer]) -> Result<(), Interrupted> {
        let fired = tokio::time::timeout(self.timeout, self.fire_at_once(connection, timers)).await;
        fired.unwrap_or(Err(Interrupted::Late(self.timeout)))
    }

    async fn fire_at_once(
        &self,
        connection: &mut PgConnection,
        timers: &[DueTimer],
    ) -> Result<(), Interrupted> {
        let mut transaction = connection.begin().await?;
        alive(self.handler.lock(timers, &mut transaction)).await.map_err(Interrupted::Handler)?;
        let claimed = rows::claim(&mut transaction, timers).await?;
        let is_claimed = |timer: &&DueTimer| claimed.iter().any(|(setting, _)| *setting == timer.setting);
        let claimed_timers: Vec<DueTimer> = timers.iter().filter(is_claimed).cloned().collect();
        let Some(first) = claimed_timers.first() else {
            return Ok(transaction.rollback().await?);
        };
        if !loses_timers() {
            let fired = alive(self.handler.fire(&claimed_timers, &mut transaction)).await;
            fired.map_err(Interrupted::Handler)?;
        }
        must_be_sound(&mut transaction).await.map_err(Interrupted::Handler)?;
        rows::finish_batch(&mut transaction, &claimed_timers).await?;
        self.outbox.commit_sound(transaction).await?;
        let late: Vec<Duration> = claimed.iter().map(|(_, late)| *late).collect();
        debug!(kind = first.kind, timers = late.len(), "fired");
        self.observer.timers_fired(&first.kind, &late);
        Ok(())
    }

    /// Notes that a timer failed, for this many times now. The log gets nothing of what its handler says but the reason.
    pub async fn note_failure(
        &self,
        connection: &mut PgConnection,
        timer: &DueTimer,
        attempts: i32,
        reason: &str,
    ) -> Result<(), Interrupted> {
        let delay = retry_delay::after(attempts);
        rows::note_attempt(connection, timer, attempts, delay, Some(reason)).await?;
        error!(kind = timer.kind, key = timer.key, attempts, reason, "a timer can't be handled");
        self.observer.timer_failed(&timer.kind);
        Ok(())
    }
}

#[cfg(debug_assertions)]
fn loses_timers() -> bool {
    crate::fault_injection::is(crate::fault_injection::Fault::LoseTimers)
}

#[cfg(not(debug_assertions))]
fn loses_timers() -> bool {
    false
}

/// A panic counts as the timers' fault until the opposite shows: it must not end the runner.
async fn alive(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| Err(Failure::permanent("the handler panicked")))
}
