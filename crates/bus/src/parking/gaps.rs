//! The SQL that finds gaps: subjects whose next event is missing while later ones wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::place::SubjectKey;

/// A subject whose next event is missing, while later ones wait.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub key: SubjectKey,
    /// The numbers that are missing.
    pub first: i64,
    pub last: i64,
    /// When the last event before it happened.
    pub since: Option<DateTime<Utc>>,
}

/// The gaps that did not close by themselves within `timeout`, and that were not searched for yet.
pub(crate) async fn find(pool: &PgPool, timeout: Duration) -> sqlx::Result<Vec<Gap>> {
    let query = "SELECT source, subject, coalesce(max(position.sequence), 0) + 1, min(parked.sequence) - 1,
                        max(position.time)
                 FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
                 GROUP BY source, subject
                 HAVING min(parked.sequence) > coalesce(max(position.sequence), 0) + 1
                    AND min(parked.parked_at) < bus.now() - make_interval(secs => $1)
                    AND NOT bool_or(parked.error IS NOT NULL AND parked.state = 'waiting')
                 LIMIT 1000";
    let rows = sqlx::query(query).bind(timeout.as_secs_f64()).fetch_all(pool).await?;
    let gap = |row: &PgRow| Gap {
        key: SubjectKey { source: row.get(0), subject: row.get(1) },
        first: row.get(2),
        last: row.get(3),
        since: row.get(4),
    };
    Ok(rows.iter().map(gap).collect())
}

/// Notes that the events before it are nowhere to be found, if that is still so. An operator must decide.
pub(crate) async fn note_missing(pool: &PgPool, gap: &Gap) -> sqlx::Result<bool> {
    let missing =
        if gap.first == gap.last { gap.first.to_string() } else { format!("{} to {}", gap.first, gap.last) };
    let query = "UPDATE bus.parked SET error = $4 WHERE source = $1 AND subject = $2 AND sequence = $3
                 AND NOT EXISTS (SELECT FROM bus.positions AS position
                                 WHERE position.source = $1 AND position.subject = $2
                                   AND position.sequence >= $3 - 1)";
    let query = sqlx::query(query).bind(&gap.key.source).bind(&gap.key.subject).bind(gap.last + 1);
    let error = format!("waits for {missing}, which neither the queue nor the event log has");
    Ok(query.bind(error).execute(pool).await?.rows_affected() > 0)
}
