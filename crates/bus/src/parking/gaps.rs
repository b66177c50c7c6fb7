//! The SQL that finds gaps: subjects whose next event is missing while later ones wait.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::parking::first;
use crate::place::SubjectKey;

/// The most gaps that share one reading of the log.
const TOGETHER: i64 = 20_000;

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

/// The time until which a gap must have been noticed not to have closed by itself within `timeout`.
pub(crate) async fn old_enough(pool: &PgPool, timeout: Duration) -> sqlx::Result<DateTime<Utc>> {
    let query = sqlx::query_scalar("SELECT bus.now() - make_interval(secs => $1)");
    query.bind(timeout.as_secs_f64()).fetch_one(pool).await
}

/// The oldest of the gaps that were noticed until then, are still there, and were not searched for yet; and until when
/// those were noticed, which is earlier if there are too many for one search.
pub(crate) async fn find(
    pool: &PgPool,
    noticed_until: DateTime<Utc>,
) -> sqlx::Result<(Vec<Gap>, DateTime<Utc>)> {
    let query = "SELECT candidate.source, candidate.subject, coalesce(position.sequence, 0) + 1,
                        candidate.sequence - 1, position.time, candidate.id,
                        candidate.sequence > coalesce(position.sequence, 0) + 1
                        AND candidate.sequence = earliest.sequence, candidate.gap_since
                 FROM (SELECT id, source, subject, sequence, gap_since FROM bus.parked
                       WHERE gap_since <= $1 ORDER BY gap_since LIMIT $2) AS candidate
                 LEFT JOIN LATERAL (
                     SELECT sequence, time FROM bus.positions
                     WHERE positions.source = candidate.source AND positions.subject = candidate.subject OFFSET 0
                 ) AS position ON true
                 CROSS JOIN LATERAL (
                     SELECT parked.sequence FROM bus.parked
                     WHERE parked.source = candidate.source AND parked.subject = candidate.subject
                       AND parked.sequence > coalesce(position.sequence, 0)
                     ORDER BY parked.sequence LIMIT 1
                 ) AS earliest";
    let rows = sqlx::query(query).bind(noticed_until).bind(TOGETHER).fetch_all(pool).await?;
    let mut noticed_until = noticed_until;
    if i64::try_from(rows.len()) == Ok(TOGETHER) {
        // Those of the last moment may not all be here.
        let last: Option<DateTime<Utc>> = rows.iter().map(|row| row.get(7)).max();
        noticed_until = last.map_or(noticed_until, |last| last - TimeDelta::microseconds(1));
    }
    let mut gaps = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.get::<DateTime<Utc>, _>(7) <= noticed_until) {
        let gap = gap(row);
        if row.get(6) {
            gaps.push(gap);
        } else {
            first::put_right(pool, &gap.key, row.get(5)).await?;
        }
    }
    Ok((gaps, noticed_until))
}

fn gap(row: &PgRow) -> Gap {
    Gap {
        key: SubjectKey { source: row.get(0), subject: row.get(1) },
        first: row.get(2),
        last: row.get(3),
        since: row.get(4),
    }
}

/// Notes that the events before it are nowhere to be found, if that is still so. An operator must decide.
pub(crate) async fn note_missing(pool: &PgPool, gap: &Gap) -> sqlx::Result<bool> {
    let missing =
        if gap.first == gap.last { gap.first.to_string() } else { format!("{} to {}", gap.first, gap.last) };
    let query = "UPDATE bus.parked SET error = $4, gap_since = NULL
                 WHERE source = $1 AND subject = $2 AND sequence = $3
                   AND NOT EXISTS (SELECT FROM bus.positions AS position
                                   WHERE position.source = $1 AND position.subject = $2
                                     AND position.sequence >= $3 - 1)";
    let query = sqlx::query(query).bind(&gap.key.source).bind(&gap.key.subject).bind(gap.last + 1);
    let error = format!("waits for {missing}, which neither the queue nor the event log has");
    Ok(query.bind(error).execute(pool).await?.rows_affected() > 0)
}
