//! The runner: sleeps until timers are due, and fires them.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

use crate::database::within;
use crate::error::BusError;
use crate::health::Health;
use crate::session::{Session, supervise};
use crate::timers::Timers;
use crate::timers::active_kinds::{ActiveKind, ActiveKinds};
use crate::timers::firing::Firing;
use crate::timers::handler::TimerHandler;
use crate::timers::next_due::NextDue;
use crate::timers::rows;
use crate::timers::wake_up::POLL;

/// How many timers share a transaction.
const BATCH: i64 = 256;
/// How many of those that have failed are tried, each alone, before others have their turn.
const AGAIN: i64 = 16;
/// A session that does nothing for this long is frozen or cut off: the server ends it, and another instance takes over.
const FROZEN_MILLISECONDS: &str = "15000";

/// Fires a service's timers until it is stopped.
pub struct TimerRunner<H> {
    pub(crate) service: String,
    pub(crate) database: PgPool,
    pub(crate) timers: Timers,
    pub(crate) firing: Firing<H>,
    pub(crate) health: Health,
}

impl<H: TimerHandler> Session for TimerRunner<H> {
    const ROLE: &'static str = "timers";

    fn health(&self) -> &Health {
        &self.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.health.idle();
        let mut connection = self.connect().await?;
        self.work(&mut connection, stop).await?;
        Ok(within(self.firing.timeout, connection.close()).await?)
    }
}

impl<H: TimerHandler> TimerRunner<H> {
    /// Whether it is firing due timers, or ready to take over from the instance that does.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Runs until `stop`; then it finishes the timers that it has begun to fire.
    pub async fn run(self, stop: CancellationToken) {
        supervise(&self, &stop).await;
    }

    async fn work(&self, connection: &mut PgConnection, stop: &CancellationToken) -> Result<(), BusError> {
        let mut kinds = ActiveKinds::new(H::KINDS);
        while !stop.is_cancelled() {
            within(self.firing.timeout, kinds.take_free(connection)).await?;
            let looks = within(self.firing.timeout, kinds.look(connection)).await?;
            self.health.up();
            match pause(&looks) {
                Some(pause) => self.rest(pause, stop).await,
                None => self.fire_each(connection, &mut kinds.active, &looks, stop).await?,
            }
        }
        Ok(())
    }

    /// A connection of its own: the locks are its session's.
    async fn connect(&self) -> Result<PgConnection, BusError> {
        let options = (*self.database.connect_options()).clone();
        let options = options
            .application_name(&format!("{} timers", self.service))
            .options([("idle_session_timeout", FROZEN_MILLISECONDS)]);
        Ok(within(self.firing.timeout, options.connect()).await?)
    }

    async fn rest(&self, pause: Duration, stop: &CancellationToken) {
        self.health.idle();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.timers.wake_up.woken() => {}
            () = stop.cancelled() => {}
        }
    }

    /// A turn for each kind.
    async fn fire_each(
        &self,
        connection: &mut PgConnection,
        kinds: &mut [ActiveKind],
        looks: &[NextDue],
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        for (kind, look) in kinds.iter_mut().zip(looks) {
            self.health.busy();
            if look.first.is_some_and(|due| due <= look.now) {
                self.fire_some(connection, kind, stop).await?;
                self.health.progressed();
            }
            if look.again.is_some_and(|due| due <= look.now) && !stop.is_cancelled() {
                let again = rows::due_again(connection, kind.kind, AGAIN);
                let again = within(self.firing.timeout, again).await?;
                for timer in &again {
                    self.firing.try_alone(connection, timer).await?;
                    self.health.progressed();
                }
            }
            if stop.is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    async fn fire_some(
        &self,
        connection: &mut PgConnection,
        kind: &mut ActiveKind,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        if let Some(until) = kind.suspects_until {
            let suspects = rows::due_until(connection, kind.kind, until, BATCH);
            let suspects = within(self.firing.timeout, suspects).await?;
            for timer in &suspects {
                self.firing.try_alone(connection, timer).await?;
                if stop.is_cancelled() {
                    return Ok(());
                }
            }
            if suspects.is_empty() {
                kind.suspects_until = None;
                within(self.firing.timeout, rows::end_batch(connection, kind.kind)).await?;
            }
            return Ok(());
        }
        let start = kind.start.next(std::time::Instant::now());
        let due = rows::begin_batch(connection, kind.kind, start, BATCH);
        let due = within(self.firing.timeout, due).await?;
        Ok(self.firing.fire_or_isolate(connection, &due).await?)
    }
}

/// How long there is nothing to do. None: something is due.
fn pause(looks: &[NextDue]) -> Option<Duration> {
    let due = |look: &NextDue| look.first.into_iter().chain(look.again).min().map(|due| due - look.now);
    let next = looks.iter().filter_map(due).min();
    let Some(next) = next.map(|next| next.to_std()) else { return Some(POLL) };
    // Negative: it is due. Just after it is due, since the sleep may end a little early.
    next.ok().filter(|next| !next.is_zero()).map(|next| (next + Duration::from_millis(1)).min(POLL))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;

    fn look(first: Option<i64>, again: Option<i64>) -> NextDue {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let at = |milliseconds| now + TimeDelta::milliseconds(milliseconds);
        NextDue { first: first.map(at), again: again.map(at), now }
    }

    #[test]
    fn it_rests_until_the_next_timer_is_due_but_not_for_long() {
        let milliseconds = |pause: u64| Some(Duration::from_millis(pause));
        assert_eq!(pause(&[]), Some(POLL));
        assert_eq!(pause(&[look(Some(5000), None), look(None, None)]), Some(POLL));
        assert_eq!(pause(&[look(Some(500), Some(20)), look(Some(300), None)]), milliseconds(21));
        assert_eq!(pause(&[look(Some(500), None), look(None, Some(0))]), None);
        assert_eq!(pause(&[look(Some(-1), None)]), None);
    }
}
