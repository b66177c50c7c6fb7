//! The SQL that looks whether timers are due.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// When the next timers of a kind are due.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct NextDue {
    /// Of those that have never failed, and were not due before the scan's start.
    pub first: Option<DateTime<Utc>>,
    /// Of those that have failed, the next attempt.
    pub again: Option<DateTime<Utc>>,
    /// What the database's clock says.
    pub now: DateTime<Utc>,
}

/// Looks at some entries of two indexes for each kind, however many timers there are.
pub(super) async fn next_due(
    connection: &mut PgConnection,
    kinds: &[&str],
    starts: &[Option<DateTime<Utc>>],
) -> sqlx::Result<Vec<NextDue>> {
    let query = "SELECT
             (SELECT next_attempt FROM bus.timers
              WHERE timers.kind = wanted.kind AND attempts = 0 AND next_attempt >= coalesce(wanted.start, '-infinity')
              ORDER BY next_attempt LIMIT 1) AS first,
             (SELECT next_attempt FROM bus.timers
              WHERE timers.kind = wanted.kind AND attempts > 0 AND next_attempt IS NOT NULL
              ORDER BY next_attempt LIMIT 1) AS again,
             bus.now() AS now
         FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS wanted (kind, start, place)
         ORDER BY place";
    sqlx::query_as(query).bind(kinds).bind(starts).fetch_all(connection).await
}
