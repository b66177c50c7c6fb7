use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

/// More of a kind are not counted.
const MOST: i64 = 10_000;

/// How many timers of a kind should have fired, and have not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerBacklog {
    /// The kind.
    pub kind: String,
    /// Those that are due and were not tried yet; 10,000 when they are more.
    pub due: i64,
    /// For how long the first of them has been due.
    pub late: Duration,
    /// Those that have failed and are tried again; 10,000 when they are more.
    pub retried: i64,
    /// Those that wait for an operator; 10,000 when they are more.
    pub failed: i64,
}

impl TimerBacklog {
    /// Of each kind of which timers are set. Doesn't read those that are not due yet.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn look(connection: &mut PgConnection) -> sqlx::Result<Vec<Self>> {
        let query = "WITH RECURSIVE known (kind) AS (
                 (SELECT kind FROM bus.timers ORDER BY kind LIMIT 1)
                 UNION ALL
                 SELECT (SELECT kind FROM bus.timers WHERE timers.kind > known.kind ORDER BY kind LIMIT 1)
                 FROM known WHERE known.kind IS NOT NULL
             )
             SELECT kind,
                 (SELECT count(*) FROM (SELECT FROM bus.timers WHERE timers.kind = known.kind AND attempts = 0
                                          AND next_attempt <= bus.now() LIMIT $1) AS due),
                 coalesce((SELECT extract(epoch FROM bus.now() - next_attempt)::float8 FROM bus.timers
                           WHERE timers.kind = known.kind AND attempts = 0 AND next_attempt <= bus.now()
                           ORDER BY next_attempt LIMIT 1), 0),
                 (SELECT count(*) FROM (SELECT FROM bus.timers WHERE timers.kind = known.kind AND attempts > 0
                                          AND next_attempt IS NOT NULL LIMIT $1) AS retried),
                 (SELECT count(*) FROM (SELECT FROM bus.timers WHERE timers.kind = known.kind AND attempts > 0
                                          AND next_attempt IS NULL LIMIT $1) AS failed)
             FROM known WHERE kind IS NOT NULL";
        let rows = sqlx::query(query).bind(MOST).fetch_all(connection).await?;
        let backlog = |row: &PgRow| Self {
            kind: row.get(0),
            due: row.get(1),
            late: Duration::try_from_secs_f64(row.get(2)).unwrap_or_default(),
            retried: row.get(3),
            failed: row.get(4),
        };
        Ok(rows.iter().map(backlog).collect())
    }
}
