//! Counts what the event log has. One instance counts at a time, another takes over when it is gone.

use std::time::Duration;

use bus::{Failure, Health, LogBatch, LogHandler, LogPosition, within};
use envelope::Clock;
use metrics::{counter, gauge};
use service::metrics::{ANALYTICS_BEHIND, ANALYTICS_EVENTS};
use sqlx::PgPool;
use tokio::sync::Mutex;
use tracing::warn;

use crate::numbers::Retention;
use crate::store::{Active, Taken};

/// Counts the events of the log.
pub struct Counting {
    pool: PgPool,
    retention: Retention,
    /// A batch that takes longer has lost its database.
    timeout: Duration,
    clock: Clock,
    health: Health,
    active: Mutex<Option<Active>>,
}

impl Counting {
    /// Into this database. `health` is that of who follows the log: to wait for one's turn is to be well.
    pub fn new(pool: PgPool, retention: Retention, timeout: Duration, clock: Clock, health: Health) -> Self {
        Self { pool, retention, timeout, clock, health, active: Mutex::default() }
    }

    fn report(&self, taken: &Taken, passed_over: usize) {
        for (outcome, events) in [
            ("counted", taken.events - taken.unfit),
            ("repeated", taken.repeated),
            ("passed-over", passed_over + taken.unfit),
        ] {
            let counter = counter!(ANALYTICS_EVENTS.name, "service" => "analytics", "outcome" => outcome);
            counter.increment(u64::try_from(events).unwrap_or(u64::MAX));
        }
        if let Some(newest) = taken.newest {
            let behind = (self.clock.now() - newest).to_std().unwrap_or_default();
            gauge!(ANALYTICS_BEHIND.name, "service" => "analytics").set(behind.as_secs_f64());
        }
        if taken.unfit > 0 {
            warn!(events = taken.unfit, "events whose data does not fit their type are in no figure");
        }
    }
}

impl LogHandler for Counting {
    async fn reached(&self, _: Option<LogPosition>) -> Result<Option<LogPosition>, Failure> {
        let mut active = self.active.lock().await;
        // With its connection goes the lock, and whatever was not committed.
        *active = None;
        let mut counting = Active::wait(&self.pool, || self.health.up()).await?;
        let reached = counting.reached().await?;
        *active = Some(counting);
        Ok(reached)
    }

    async fn take(&self, batch: &LogBatch) -> Result<(), Failure> {
        let mut active = self.active.lock().await;
        let Some(counting) = active.as_mut() else {
            return Err(Failure::transient("another instance counts"));
        };
        let taken = within(self.timeout, counting.take(batch, self.retention)).await?;
        self.report(&taken, batch.passed_over);
        Ok(())
    }
}
