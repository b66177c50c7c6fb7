//! Parked events: what could not be taken waits in the service's own database, visible, and in the order of its
//! subject. A *failed* event is tried again with growing delays; *waiting* ones are taken as soon as the event before
//! them is; a *fatal* one, which kills the process, waits for an operator.
//!
//! A try is committed before it is made, so that one that nobody survives counts as well.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
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
/// So often an event is tried that leaves nobody to tell what became of it.
const LIVES: i32 = 5;
const PAUSE_AFTER_DEATH: Duration = Duration::from_secs(1);

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

/// Parks an event that just failed for the first time.
pub(crate) async fn park_failed(
    connection: &mut PgConnection,
    event: &Incoming,
    error: &str,
) -> sqlx::Result<()> {
    insert(connection, event).await?;
    failed(connection, &event.place, 1, error).await
}

/// Notes that a parked event failed, at its so many-th try, and when the next one comes.
pub(crate) async fn failed(
    connection: &mut PgConnection,
    place: &Place,
    attempts: i32,
    error: &str,
) -> sqlx::Result<()> {
    let error = cut(error);
    write(connection, place, State::Failed, attempts, after(delay(attempts)), Some(error)).await
}

/// What a parked event is parked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Failed,
    Fatal,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Fatal => "fatal",
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "failed" => Self::Failed,
            "fatal" => Self::Fatal,
            _ => Self::Waiting,
        }
    }
}

/// A parked event that is about to be tried.
pub(crate) struct Candidate {
    pub event: Incoming,
    pub state: State,
    /// How often it was tried before.
    pub attempts: i32,
    error: Option<String>,
}

impl Candidate {
    /// Whether it was tried often enough without anybody living to tell.
    pub fn is_deadly(&self) -> bool {
        self.state == State::Waiting && self.attempts >= LIVES
    }

    /// Notes that it is being tried. What becomes of it is noted afterwards; if nothing ever is, this stands.
    pub async fn begin(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        // A kill of the client loses no commit, only a crash of the server does, and then a try goes uncounted: not
        // worth waiting for the disk before each try.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *connection).await?;
        let next = match self.state {
            State::Waiting => after(Some(PAUSE_AFTER_DEATH)),
            State::Failed => after(delay(self.attempts + 1)),
            State::Fatal => None,
        };
        let (place, error) = (&self.event.place, self.error.clone());
        write(connection, place, self.state, self.attempts + 1, next, error).await
    }

    /// Has it wait for an operator.
    pub async fn give_up(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let error = format!("the process did not survive {} tries", self.attempts);
        write(connection, &self.event.place, State::Fatal, self.attempts, None, Some(error)).await
    }

    /// Whether nobody else has begun another try, and no operator has judged it. The caller has locked the position.
    pub async fn is_still_there(&self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        let query = "SELECT EXISTS (SELECT FROM bus.parked
                     WHERE source = $1 AND subject = $2 AND sequence = $3 AND attempts = $4)";
        let Place { source, subject, sequence } = &self.event.place;
        let query = sqlx::query_scalar(query).bind(source).bind(subject).bind(sequence);
        query.bind(self.attempts + 1).fetch_one(connection).await
    }

    /// Takes the try back: it failed for a reason that is not the event's.
    pub async fn untried(&self, pool: &PgPool) -> sqlx::Result<()> {
        let query = "UPDATE bus.parked SET attempts = $4, next_attempt = now()
                     WHERE source = $1 AND subject = $2 AND sequence = $3 AND attempts = $4 + 1";
        let Place { source, subject, sequence } = &self.event.place;
        let query = sqlx::query(query).bind(source).bind(subject).bind(sequence);
        query.bind(self.attempts).execute(pool).await?;
        Ok(())
    }
}

async fn write(
    connection: &mut PgConnection,
    Place { source, subject, sequence }: &Place,
    state: State,
    attempts: i32,
    next_attempt: Option<DateTime<Utc>>,
    error: Option<String>,
) -> sqlx::Result<()> {
    let query = "UPDATE bus.parked SET state = $4, attempts = $5, next_attempt = $6, error = $7
                 WHERE source = $1 AND subject = $2 AND sequence = $3";
    let query = sqlx::query(query).bind(source).bind(subject).bind(sequence).bind(state.name());
    query.bind(attempts).bind(next_attempt).bind(error).execute(connection).await?;
    Ok(())
}

fn after(delay: Option<Duration>) -> Option<DateTime<Utc>> {
    delay.map(|delay| Utc::now() + delay)
}

fn cut(error: &str) -> String {
    error.chars().take(ERROR_LENGTH).collect()
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

/// Subjects whose next event is parked and may be tried now. First those that were tried the least: what kills the
/// process is then tried last, and the kills don't meet the same innocent event each time.
pub(crate) async fn due(pool: &PgPool) -> sqlx::Result<Vec<Key>> {
    let rows = sqlx::query(
        "SELECT source, subject
         FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
         WHERE parked.next_attempt <= now() AND parked.sequence <= coalesce(position.sequence, 0) + 1
         GROUP BY source, subject ORDER BY min(parked.attempts), min(parked.id)
         LIMIT 100",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.iter().map(|row| Key { source: row.get(0), subject: row.get(1) }).collect())
}

/// Has some of the events that failed last be due now, if they are tried again by themselves at all. Returns their
/// subjects.
pub(crate) async fn make_due(pool: &PgPool, number: i64) -> sqlx::Result<Vec<Key>> {
    let query = "UPDATE bus.parked SET next_attempt = now() WHERE id IN (
                     SELECT id FROM bus.parked WHERE state = 'failed' AND next_attempt IS NOT NULL
                     ORDER BY parked_at DESC LIMIT $1)
                 RETURNING source, subject";
    let rows = sqlx::query(query).bind(number).fetch_all(pool).await?;
    Ok(rows.iter().map(|row| Key { source: row.get(0), subject: row.get(1) }).collect())
}

/// The subject's next event, if it is parked and may be tried now. Forgets what was taken since it was parked. The
/// caller has locked the position.
pub(crate) async fn next(
    connection: &mut PgConnection,
    key: &Key,
    position: i64,
) -> sqlx::Result<Option<Candidate>> {
    remove_until(connection, key, position).await?;
    let row = sqlx::query(
        "SELECT event_id, type, body, state, attempts, error FROM bus.parked
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
        let event = Incoming::new(place, row.get(0), row.get(1), row.get(2));
        Candidate { event, state: State::named(row.get(3)), attempts: row.get(4), error: row.get(5) }
    }))
}

/// A subject whose next event is missing, while later ones wait.
#[derive(Clone, Debug)]
pub(crate) struct Hole {
    pub key: Key,
    /// The numbers that are missing.
    pub first: i64,
    pub last: i64,
    /// When the last event before it happened.
    pub since: Option<DateTime<Utc>>,
}

/// The holes that did not close by themselves in so much time, and that nobody has looked into yet.
pub(crate) async fn holes(pool: &PgPool, patience: Duration) -> sqlx::Result<Vec<Hole>> {
    let query = "SELECT source, subject, coalesce(max(position.sequence), 0) + 1, min(parked.sequence) - 1,
                        max(position.time)
                 FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
                 GROUP BY source, subject
                 HAVING min(parked.sequence) > coalesce(max(position.sequence), 0) + 1
                    AND min(parked.parked_at) < $1
                    AND NOT bool_or(parked.error IS NOT NULL AND parked.state = 'waiting')
                 LIMIT 1000";
    let rows = sqlx::query(query).bind(Utc::now() - patience).fetch_all(pool).await?;
    let hole = |row: &sqlx::postgres::PgRow| Hole {
        key: Key { source: row.get(0), subject: row.get(1) },
        first: row.get(2),
        last: row.get(3),
        since: row.get(4),
    };
    Ok(rows.iter().map(hole).collect())
}

/// Notes that the events before it are nowhere to be found, if that is still so. An operator must decide.
pub(crate) async fn note_missing(pool: &PgPool, hole: &Hole) -> sqlx::Result<bool> {
    let missing = if hole.first == hole.last {
        hole.first.to_string()
    } else {
        format!("{} to {}", hole.first, hole.last)
    };
    let query = "UPDATE bus.parked SET error = $4 WHERE source = $1 AND subject = $2 AND sequence = $3
                 AND NOT EXISTS (SELECT FROM bus.positions AS position
                                 WHERE position.source = $1 AND position.subject = $2
                                   AND position.sequence >= $3 - 1)";
    let query = sqlx::query(query).bind(&hole.key.source).bind(&hole.key.subject).bind(hole.last + 1);
    let error = format!("waits for {missing}, which neither the queue nor the event log has");
    Ok(query.bind(error).execute(pool).await?.rows_affected() > 0)
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
