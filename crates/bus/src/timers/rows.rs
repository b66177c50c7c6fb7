//! The SQL with which timers fire.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};

use crate::timers::due_timer::DueTimer;

/// A longer error text says no more.
const ERROR_LENGTH: usize = 2000;

/// Those of a kind that are due, have never failed, and were not due before `start`; and notes that they are being fired. Not
/// worth waiting for the disk: a crash of this process loses no commit, only one of the server does.
pub(super) async fn begin_batch(
    connection: &mut PgConnection,
    kind: &str,
    start: Option<DateTime<Utc>>,
    most: i64,
) -> sqlx::Result<Vec<DueTimer>> {
    let query = "WITH asynchronous AS MATERIALIZED (
             SELECT set_config('synchronous_commit', 'off', true)
         ), due AS MATERIALIZED (
             SELECT kind, key, due, setting, attempts, crashed, next_attempt FROM bus.timers
             WHERE kind = $1 AND attempts = 0 AND next_attempt >= coalesce($2, '-infinity') AND next_attempt <= bus.now()
             ORDER BY next_attempt LIMIT $3
         ), noted AS (
             INSERT INTO bus.timer_batches AS batch (kind, until)
             SELECT $1, max(next_attempt) FROM due, asynchronous HAVING count(*) > 0
             ON CONFLICT (kind) DO UPDATE SET until = EXCLUDED.until
         )
         SELECT kind, key, due, setting, attempts, crashed FROM due ORDER BY key";
    sqlx::query_as(query).bind(kind).bind(start).bind(most).fetch_all(connection).await
}

/// Up to when the timers of a kind were due that somebody was firing who did not finish.
pub(super) async fn unfinished(
    connection: &mut PgConnection,
    kind: &str,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let query = sqlx::query_scalar("SELECT until FROM bus.timer_batches WHERE kind = $1");
    Ok(query.bind(kind).fetch_optional(connection).await?.flatten())
}

/// Nothing of the kind is being fired.
pub(super) async fn end_batch(connection: &mut PgConnection, kind: &str) -> sqlx::Result<()> {
    let query = sqlx::query("UPDATE bus.timer_batches SET until = NULL WHERE kind = $1");
    query.bind(kind).execute(connection).await?;
    Ok(())
}

/// Those of a kind that were due until then and have never failed.
pub(super) async fn due_until(
    connection: &mut PgConnection,
    kind: &str,
    until: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<DueTimer>> {
    let query = "SELECT kind, key, due, setting, attempts, crashed FROM bus.timers
                 WHERE kind = $1 AND attempts = 0 AND next_attempt <= least($2, bus.now())
                 ORDER BY next_attempt LIMIT $3";
    sqlx::query_as(query).bind(kind).bind(until).bind(most).fetch_all(connection).await
}

/// Those of a kind that have failed and are due again.
pub(super) async fn due_again(
    connection: &mut PgConnection,
    kind: &str,
    most: i64,
) -> sqlx::Result<Vec<DueTimer>> {
    let query = "SELECT kind, key, due, setting, attempts, crashed FROM bus.timers
                 WHERE kind = $1 AND attempts > 0 AND next_attempt IS NOT NULL AND next_attempt <= bus.now()
                 ORDER BY next_attempt LIMIT $2";
    sqlx::query_as(query).bind(kind).bind(most).fetch_all(connection).await
}

/// Locks these timers of a kind, in sorted order. Returns how late those are that nobody has set again, cancelled or fired
/// meanwhile, by their settings.
pub(super) async fn claim(
    connection: &mut PgConnection,
    timers: &[DueTimer],
) -> sqlx::Result<Vec<(i64, Duration)>> {
    let query = "SELECT setting, extract(epoch FROM bus.now() - due)::float8 FROM bus.timers
                 WHERE kind = $1 AND key = ANY($2) AND setting = ANY($3) AND due <= bus.now()
                 ORDER BY key FOR UPDATE";
    let (kind, keys, settings) = columns(timers);
    let rows = sqlx::query(query).bind(kind).bind(keys).bind(settings).fetch_all(connection).await?;
    let late = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Ok(rows.iter().map(|row| (row.get(0), late(row.get(1)))).collect())
}

/// Deletes the timers that have fired, whose rows the caller has locked, but for those that were set again, and notes that
/// they are no longer being fired.
pub(super) async fn finish_batch(connection: &mut PgConnection, timers: &[DueTimer]) -> sqlx::Result<()> {
    // Settings are the numbers of one sequence: one of another key is another one.
    let query = "WITH fired AS (
             DELETE FROM bus.timers WHERE kind = $1 AND key = ANY($2) AND setting = ANY($3)
         )
         UPDATE bus.timer_batches SET until = NULL WHERE kind = $1 AND until IS NOT NULL";
    let (kind, keys, settings) = columns(timers);
    sqlx::query(query).bind(kind).bind(keys).bind(settings).execute(connection).await?;
    Ok(())
}

fn columns(timers: &[DueTimer]) -> (&str, Vec<&str>, Vec<i64>) {
    let kind = timers.first().map_or("", |timer| timer.kind.as_str());
    (
        kind,
        timers.iter().map(|timer| timer.key.as_str()).collect(),
        timers.iter().map(|timer| timer.setting).collect(),
    )
}

/// Notes that a timer is about to be tried alone, for this many times now, unless it was set again. It is tried again after
/// `delay`, unless something else is noted; without one, an operator must decide. Returns whether that was noted.
pub(super) async fn begin_attempt(
    connection: &mut PgConnection,
    timer: &DueTimer,
    attempts: i32,
    delay: Option<Duration>,
) -> sqlx::Result<bool> {
    let query = "WITH asynchronous AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
                 UPDATE bus.timers
                 SET attempts = $4, next_attempt = bus.now() + make_interval(secs => $5), crashed = true,
                     error = coalesce(error, 'the process ended, or took too long, while it was tried')
                 FROM asynchronous WHERE kind = $1 AND key = $2 AND setting = $3 AND next_attempt <= bus.now()";
    let query = sqlx::query(query).bind(&timer.kind).bind(&timer.key).bind(timer.setting);
    let begun = query.bind(attempts).bind(delay.map(|delay| delay.as_secs_f64())).execute(connection).await?;
    Ok(begun.rows_affected() == 1)
}

/// Notes how often a timer was tried, what came of it, and when it is tried again: after `delay`, or when an operator says so.
pub(super) async fn note_attempt(
    connection: &mut PgConnection,
    timer: &DueTimer,
    attempts: i32,
    delay: Option<Duration>,
    error: Option<&str>,
) -> sqlx::Result<()> {
    // PostgreSQL's texts hold no NUL.
    let error: Option<String> =
        error.map(|error| error.chars().filter(|c| *c != '\0').take(ERROR_LENGTH).collect());
    let query = "UPDATE bus.timers
                 SET attempts = $4, next_attempt = bus.now() + make_interval(secs => $5), crashed = false, error = $6
                 WHERE kind = $1 AND key = $2 AND setting = $3";
    let query = sqlx::query(query).bind(&timer.kind).bind(&timer.key).bind(timer.setting);
    let query = query.bind(attempts).bind(delay.map(|delay| delay.as_secs_f64())).bind(error);
    query.execute(connection).await?;
    Ok(())
}
