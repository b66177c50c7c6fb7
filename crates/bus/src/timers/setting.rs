//! The SQL that sets and cancels timers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A timer to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer<'a> {
    /// What to do: `reminder`.
    pub kind: &'a str,
    /// With what: an order's id. There is one timer per kind and key.
    pub key: &'a str,
    /// When.
    pub due: Due,
}

/// When a timer is due. PostgreSQL's clock decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this time; at once, if that has passed.
    At(DateTime<Utc>),
    /// This long after the beginning of the transaction that sets it.
    After(Duration),
}

impl Due {
    fn time(self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time) => Some(time),
            Self::After(_) => None,
        }
    }

    fn delay(self) -> Option<f64> {
        match self {
            Self::At(_) => None,
            Self::After(delay) => Some(delay.as_secs_f64()),
        }
    }
}

/// Sets timers; of those with the same kind and key the last. Returns whether one of them is due within `soon`.
pub(super) async fn set(
    connection: &mut PgConnection,
    timers: &[Timer<'_>],
    soon: Duration,
) -> sqlx::Result<bool> {
    // Sorted, so that two transactions lock common timers in the same order. What was due before the transaction began is
    // looked for as if it were due then: looks don't start below what is long done.
    let query = "WITH timer AS MATERIALIZED (
             SELECT DISTINCT ON (kind, key) kind, key, coalesce(due, bus.now() + make_interval(secs => delay)) AS due
             FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[])
                 WITH ORDINALITY AS timer (kind, key, due, delay, place)
             ORDER BY kind, key, place DESC
         ), written AS (
             INSERT INTO bus.timers AS known (kind, key, due, next_attempt)
             SELECT kind, key, due, greatest(due, bus.now()) FROM timer ORDER BY kind, key
             ON CONFLICT (kind, key) DO UPDATE
             SET due = EXCLUDED.due, setting = EXCLUDED.setting, next_attempt = EXCLUDED.next_attempt,
                 attempts = 0, crashed = false, error = NULL
         )
         SELECT coalesce(bool_or(due <= bus.now() + make_interval(secs => $5)), false) FROM timer";
    sqlx::query_scalar(query)
        .bind(timers.iter().map(|timer| timer.kind).collect::<Vec<_>>())
        .bind(timers.iter().map(|timer| timer.key).collect::<Vec<_>>())
        .bind(timers.iter().map(|timer| timer.due.time()).collect::<Vec<_>>())
        .bind(timers.iter().map(|timer| timer.due.delay()).collect::<Vec<_>>())
        .bind(soon.as_secs_f64())
        .fetch_one(connection)
        .await
}

/// Sets those of these timers that are not set; of those with the same kind and key the last.
pub(super) async fn set_missing(connection: &mut PgConnection, timers: &[Timer<'_>]) -> sqlx::Result<()> {
    let query = "INSERT INTO bus.timers (kind, key, due, next_attempt)
         SELECT DISTINCT ON (kind, key) kind, key, timer.due, greatest(timer.due, bus.now())
         FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[])
             WITH ORDINALITY AS given (kind, key, due, delay, place)
         CROSS JOIN LATERAL (
             SELECT coalesce(given.due, bus.now() + make_interval(secs => delay)) AS due OFFSET 0
         ) AS timer
         ORDER BY kind, key, place DESC
         ON CONFLICT DO NOTHING";
    sqlx::query(query)
        .bind(timers.iter().map(|timer| timer.kind).collect::<Vec<_>>())
        .bind(timers.iter().map(|timer| timer.key).collect::<Vec<_>>())
        .bind(timers.iter().map(|timer| timer.due.time()).collect::<Vec<_>>())
        .bind(timers.iter().map(|timer| timer.due.delay()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes timers.
pub(super) async fn cancel(connection: &mut PgConnection, kind: &str, keys: &[&str]) -> sqlx::Result<()> {
    let query = "DELETE FROM bus.timers WHERE kind = $1 AND key = ANY($2)";
    sqlx::query(query).bind(kind).bind(keys).execute(connection).await?;
    Ok(())
}
