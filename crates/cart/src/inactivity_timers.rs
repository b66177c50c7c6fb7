//! When carts are looked at in which nothing may have been changed for some time: a timer for each cart that has not ended.
//!
//! A change moves no timer. The look comes when the cart may be quiet, sees when the last change was, and is set again. Only
//! a change after which the look would come too late sets it: the cart has just got its first line, or was quiet.

use std::time::Duration;

use bus::{Due, Timer, Timers};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::cart::Periods;
use crate::store::CartChange;

/// The kind of these timers; the key is the cart's id.
pub(crate) const LOOK: &str = "cart.look";

/// Sets when carts are looked at.
#[derive(Clone)]
pub(crate) struct InactivityTimers {
    pub timers: Timers,
    pub periods: Periods,
}

impl InactivityTimers {
    /// For carts that were changed, whose rows are locked, where a look would come too late.
    pub async fn set_after(&self, connection: &mut PgConnection, changes: &[CartChange]) -> sqlx::Result<()> {
        let period = |change: &CartChange| change.cart.look_after(change.before, self.periods)?.to_std().ok();
        let looks = changes.iter().filter_map(|change| Some((change.cart_id, Due::After(period(change)?))));
        self.set(connection, &looks.collect::<Vec<_>>()).await
    }

    /// For carts that were looked at.
    pub async fn set_again(
        &self,
        connection: &mut PgConnection,
        next: &[(Uuid, DateTime<Utc>)],
    ) -> sqlx::Result<()> {
        self.set(connection, &next.iter().map(|(cart, at)| (*cart, Due::At(*at))).collect::<Vec<_>>()).await
    }

    /// For carts that nobody would look at.
    pub async fn set_missing(&self, connection: &mut PgConnection, carts: &[Uuid]) -> sqlx::Result<()> {
        let keys: Vec<String> = carts.iter().map(Uuid::to_string).collect();
        let quiet = self.periods.quiet.to_std().unwrap_or_default();
        let due = Due::After(quiet);
        let looks: Vec<Timer<'_>> = keys.iter().map(|key| Timer { kind: LOOK, key, due }).collect();
        self.timers.set_missing(connection, &looks).await
    }

    async fn set(&self, connection: &mut PgConnection, looks: &[(Uuid, Due)]) -> sqlx::Result<()> {
        set(&self.timers, connection, looks).await
    }
}

/// Has carts looked at as soon as the service runs.
pub(crate) async fn look_at_once(connection: &mut PgConnection, carts: &[Uuid]) -> sqlx::Result<()> {
    let looks: Vec<(Uuid, Due)> = carts.iter().map(|cart| (*cart, Due::After(Duration::ZERO))).collect();
    set(&Timers::default(), connection, &looks).await
}

async fn set(timers: &Timers, connection: &mut PgConnection, looks: &[(Uuid, Due)]) -> sqlx::Result<()> {
    let keys: Vec<(String, Due)> = looks.iter().map(|(cart, due)| (cart.to_string(), *due)).collect();
    let looks: Vec<Timer<'_>> = keys.iter().map(|(key, due)| Timer { kind: LOOK, key, due: *due }).collect();
    timers.set(connection, &looks).await
}
