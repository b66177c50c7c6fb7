//! The SQL of callers: claiming calls, and recording what came of them.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::{FromRow, PgConnection, PgPool};

use super::claim::{Claim, ClaimId};
use super::outcome::NextStep;
use super::record::Record;
use crate::columns;

/// Counted no further: what is shown must not cost more the worse things are.
const MOST_COUNTED: i64 = 100_000;

/// How many calls there are of each kind; counted up to a limit.
#[derive(FromRow)]
pub(super) struct Counts {
    /// Not tried yet.
    pub waiting: i64,
    pub retrying: i64,
    pub failed: i64,
}

/// Claims calls that are due, the oldest first, for the duration of the lease. The claim is committed when this returns, so
/// no other caller gets them before the lease ends.
pub(super) async fn claim(
    pool: &PgPool,
    target: &str,
    limit: usize,
    lease: Duration,
) -> sqlx::Result<Vec<Claim>> {
    // Materialized, so that the limit holds: a plan may run an inlined subquery more than once.
    let claim = sqlx::query_as(
        "WITH due AS MATERIALIZED (
             SELECT key, next_attempt FROM calls.calls
             WHERE target = $1 AND state = 'due' AND next_attempt <= bus.now()
               AND (leased_until IS NULL OR leased_until < bus.now())
             ORDER BY next_attempt, key
             LIMIT $2
             FOR UPDATE SKIP LOCKED
         ), claimed AS (
             UPDATE calls.calls AS call SET leased_until = bus.now() + make_interval(secs => $3)
             FROM due WHERE call.key = ANY (ARRAY(SELECT key FROM due)) AND call.key = due.key
             RETURNING call.key, attempts, leased_until AS lease, due.next_attempt
         )
         SELECT key, attempts, lease FROM claimed ORDER BY next_attempt, key",
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    claim.bind(target).bind(limit).bind(lease.as_secs_f64()).fetch_all(pool).await
}

/// Writes the records whose claims are still the caller's own, and says which those are.
pub(super) async fn record(
    connection: &mut PgConnection,
    records: &[&Record],
) -> sqlx::Result<HashSet<ClaimId>> {
    let update = sqlx::query_as(
        "WITH record AS (
             SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::int[], $5::float8[], $6::text[])
                           AS record (key, lease, state, attempts, delay, error)
         ), own AS MATERIALIZED (
             SELECT record.* FROM calls.calls AS call JOIN record USING (key)
             WHERE call.key = ANY ($1) AND call.state = 'due' AND call.leased_until = record.lease
             ORDER BY key
             FOR UPDATE OF call
         )
         UPDATE calls.calls AS call
         SET state = own.state,
             attempts = call.attempts + own.attempts,
             next_attempt = CASE WHEN own.state <> 'due' THEN NULL
                                 WHEN own.delay IS NOT NULL THEN bus.now() + make_interval(secs => own.delay)
                                 ELSE next_attempt END,
             leased_until = NULL,
             settled_at = CASE WHEN own.state <> 'due' THEN bus.now() END,
             error = CASE WHEN own.attempts = 0 THEN call.error ELSE own.error END
         FROM own WHERE call.key = ANY (ARRAY(SELECT key FROM own)) AND call.key = own.key
         RETURNING call.key, own.lease",
    );
    let update = columns!(
        update,
        for record in records => record.key.as_str(), record.lease, state(&record.next), attempts(&record.next),
                                 delay(&record.next), record.error(),
    );
    let own: Vec<ClaimId> = update.fetch_all(connection).await?;
    Ok(own.into_iter().collect())
}

pub(super) async fn count(pool: &PgPool, target: &str) -> sqlx::Result<Counts> {
    let count = sqlx::query_as(
        "WITH due AS (SELECT attempts FROM calls.calls WHERE target = $1 AND state = 'due' LIMIT $2)
         SELECT count(*) FILTER (WHERE attempts = 0) AS waiting, count(*) FILTER (WHERE attempts > 0) AS retrying,
                (SELECT count(*) FROM (SELECT FROM calls.calls WHERE target = $1 AND state = 'failed' LIMIT $2) AS failed)
                    AS failed
         FROM due",
    );
    count.bind(target).bind(MOST_COUNTED).fetch_one(pool).await
}

fn state(next: &NextStep) -> &'static str {
    match next {
        NextStep::Done => "done",
        NextStep::Failed(_) => "failed",
        NextStep::Retry(..) | NextStep::Released => "due",
    }
}

fn attempts(next: &NextStep) -> i32 {
    i32::from(*next != NextStep::Released)
}

fn delay(next: &NextStep) -> Option<f64> {
    if let NextStep::Retry(delay, _) = next { Some(delay.as_secs_f64()) } else { None }
}
