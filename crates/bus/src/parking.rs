//! Parked events: what could not be taken waits in the service's own database, visible, and in the order of its
//! subject. A *failed* event is tried again with growing delays; *waiting* ones are taken as soon as the event before
//! them is.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgPool, Row};

use crate::inbox::{Key, columns};
use crate::message::{Incoming, Place};

/// How long after a failure the next try comes. After the last one an operator must decide.
const DELAYS: [Duration; 8] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(4),
];
/// A longer text tells no more.
const ERROR_LENGTH: usize = 2000;

/// A parked event as an operator sees it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Parked {
    /// Who published it.
    pub source: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the source's events of that subject.
    pub sequence: i64,
    /// Its id, where the message told one.
    pub event_id: Option<String>,
    /// Its type.
    #[sqlx(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// `failed`, or `waiting` for an earlier event of its subject.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// Since when it is parked.
    pub parked_at: DateTime<Utc>,
    /// When it is tried again; none when an operator must decide.
    pub next_attempt: Option<DateTime<Utc>>,
}

/// The parked events, the oldest first, at most `limit`.
pub async fn list(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<Parked>> {
    sqlx::query_as(
        "SELECT source, subject, sequence, event_id, type, state, error, attempts, parked_at, next_attempt
         FROM bus.parked ORDER BY parked_at, source, subject, sequence LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// Which of these subjects have parked events. To be asked only after their positions are locked: an event may be
/// parked by another instance until then.
pub(crate) async fn blocked<'a>(
    connection: &mut PgConnection,
    keys: impl IntoIterator<Item = &'a Key>,
) -> sqlx::Result<BTreeSet<Key>> {
    let (sources, subjects) = columns(keys);
    let rows = sqlx::query(
        "SELECT DISTINCT source, subject FROM bus.parked
         WHERE (source, subject) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
    )
    .bind(sources)
    .bind(subjects)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| Key { source: row.get(0), subject: row.get(1) }).collect())
}

/// Parks events that wait for an earlier one. Those that are parked already stay as they are.
pub(crate) async fn park_waiting(connection: &mut PgConnection, events: &[&Incoming]) -> sqlx::Result<()> {
    for event in events {
        insert(connection, event).await?;
    }
    Ok(())
}

/// Parks an event that failed, or notes that it failed again.
pub(crate) async fn park_failed(
    connection: &mut PgConnection,
    event: &Incoming,
    error: &str,
) -> sqlx::Result<()> {
    insert(connection, event).await?;
    let attempts: i32 = sqlx::query_scalar(
        "UPDATE bus.parked SET state = 'failed', error = $4, attempts = attempts + 1
         WHERE source = $1 AND subject = $2 AND sequence = $3
         RETURNING attempts",
    )
    .bind(&event.place.source)
    .bind(&event.place.subject)
    .bind(event.place.sequence)
    .bind(error.chars().take(ERROR_LENGTH).collect::<String>())
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE bus.parked SET next_attempt = $4 WHERE source = $1 AND subject = $2 AND sequence = $3",
    )
    .bind(&event.place.source)
    .bind(&event.place.subject)
    .bind(event.place.sequence)
    .bind(delay(attempts).map(|delay| Utc::now() + delay))
    .execute(connection)
    .await?;
    Ok(())
}

/// The pause after so many tries, or `None` after the last one.
fn delay(attempts: i32) -> Option<Duration> {
    let tried = usize::try_from(attempts).unwrap_or(0);
    DELAYS.get(tried.saturating_sub(1)).copied()
}

async fn insert(connection: &mut PgConnection, event: &Incoming) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO bus.parked (source, subject, sequence, event_id, type, body, state, next_attempt)
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', now())
         ON CONFLICT DO NOTHING",
    )
    .bind(&event.place.source)
    .bind(&event.place.subject)
    .bind(event.place.sequence)
    .bind(&event.event_id)
    .bind(&event.kind)
    .bind(&event.body)
    .execute(connection)
    .await?;
    Ok(())
}

/// Subjects whose next event is parked and may be tried now.
pub(crate) async fn due(pool: &PgPool) -> sqlx::Result<Vec<Key>> {
    let rows = sqlx::query(
        "SELECT DISTINCT source, subject
         FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
         WHERE parked.next_attempt <= now() AND parked.sequence <= coalesce(position.sequence, 0) + 1
         LIMIT 100",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.iter().map(|row| Key { source: row.get(0), subject: row.get(1) }).collect())
}

/// The subject's next event, if it is parked and may be tried now. Forgets what was taken since it was parked. The
/// caller has locked the position.
pub(crate) async fn next(
    connection: &mut PgConnection,
    key: &Key,
    position: i64,
) -> sqlx::Result<Option<Incoming>> {
    remove_until(connection, key, position).await?;
    let row = sqlx::query(
        "SELECT event_id, type, body FROM bus.parked
         WHERE source = $1 AND subject = $2 AND sequence = $3 AND next_attempt <= now()",
    )
    .bind(&key.source)
    .bind(&key.subject)
    .bind(position + 1)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let place =
            Place { source: key.source.clone(), subject: key.subject.clone(), sequence: position + 1 };
        Incoming::new(place, row.get(0), row.get(1), row.get(2))
    }))
}

/// Forgets the subject's events up to a position.
pub(crate) async fn remove_until(
    connection: &mut PgConnection,
    key: &Key,
    position: i64,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.parked WHERE source = $1 AND subject = $2 AND sequence <= $3")
        .bind(&key.source)
        .bind(&key.subject)
        .bind(position)
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delays_grow_and_end() {
        let delays: Vec<_> = (1..).map_while(delay).collect();
        assert!(delays.is_sorted());
        assert_eq!(delays.len(), DELAYS.len());
    }
}
