//! What the cart does when a time has come: it looks at carts, and says which are quiet, abandoned or ended.

use bus::{DueTimer, Failure, Outbox, TimerHandler};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::inactive_carts::lapse;
use crate::inactivity_timers::{InactivityTimers, LOOK};
use crate::store;

/// Looks at carts.
pub(crate) struct OnTimers {
    pub outbox: Outbox,
    pub looks: InactivityTimers,
}

impl TimerHandler for OnTimers {
    const KINDS: &'static [&'static str] = &[LOOK];

    async fn lock(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
        store::lock_open_carts(connection, &carts(timers)?).await?;
        Ok(())
    }

    async fn fire(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
        let next = lapse(connection, &self.outbox, &carts(timers)?, self.looks.periods).await?;
        Ok(self.looks.set_again(connection, &next).await?)
    }
}

fn carts(timers: &[DueTimer]) -> Result<Vec<Uuid>, Failure> {
    timers.iter().map(|timer| timer.key.parse().map_err(Failure::permanent)).collect()
}
