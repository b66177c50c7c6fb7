//! Attempts at parked events. An attempt is committed before it is made, so that one that crashes the process counts
//! as well.

use sqlx::{PgConnection, PgPool, Row};

use crate::incoming::Incoming;
use crate::parking::retry_delay::{self, AFTER_CRASH};
use crate::parking::rows;
use crate::parking::state::ParkedState;
use crate::place::{Place, SubjectKey};

/// After this many attempts that crashed the process, an event is not tried again.
const MAX_CRASHES: i32 = 5;

/// A parked event that is about to be tried.
pub(crate) struct Attempt {
    pub event: Incoming,
    state: ParkedState,
    /// How often it was tried before.
    pub earlier: i32,
    error: Option<String>,
}

/// The subject's next event, if it is parked and due. Deletes what was processed since it was parked. The caller has
/// locked the position.
pub(crate) async fn next(
    connection: &mut PgConnection,
    key: &SubjectKey,
    position: i64,
) -> sqlx::Result<Option<Attempt>> {
    rows::remove_until(connection, key, position).await?;
    let row = sqlx::query(
        "SELECT previous, event_id, type, body, state, attempts, error FROM bus.parked
         WHERE source = $1 AND subject = $2 AND sequence = $3 AND next_attempt <= bus.now()",
    )
    .bind(&key.source)
    .bind(&key.subject)
    .bind(position + 1)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let event =
            Incoming::new(Place::new(key, position + 1), row.get(0), row.get(1), row.get(2), row.get(3));
        Attempt { event, state: ParkedState::named(row.get(4)), earlier: row.get(5), error: row.get(6) }
    }))
}

impl Attempt {
    /// Whether it crashed the process so often that it is not tried again.
    pub fn crashes_the_process(&self) -> bool {
        self.state == ParkedState::Waiting && self.earlier >= MAX_CRASHES
    }

    /// Notes that it is being tried. What becomes of it is noted afterwards; if nothing ever is, this stands.
    pub async fn begin(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        // A crash of this process loses no commit, only one of the server does, and then an attempt goes uncounted:
        // not worth waiting for the disk before each attempt.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *connection).await?;
        let delay = match self.state {
            ParkedState::Waiting => Some(AFTER_CRASH),
            ParkedState::Failed => retry_delay::after(self.earlier + 1),
            ParkedState::Fatal => None,
        };
        let (place, error) = (&self.event.place, self.error.clone());
        rows::update(connection, place, self.state, self.earlier + 1, delay, error).await
    }

    /// Makes it wait for an operator.
    pub async fn give_up(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let error = format!("the process crashed in all {} attempts", self.earlier);
        rows::update(connection, &self.event.place, ParkedState::Fatal, self.earlier, None, Some(error)).await
    }

    /// Whether nobody else has begun another attempt, and no operator has decided on it. The caller has locked the
    /// position.
    pub async fn is_current(&self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        let query = "SELECT EXISTS (SELECT FROM bus.parked
                     WHERE source = $1 AND subject = $2 AND sequence = $3 AND attempts = $4)";
        let Place { source, subject, sequence } = &self.event.place;
        let query = sqlx::query_scalar(query).bind(source).bind(subject).bind(sequence);
        query.bind(self.earlier + 1).fetch_one(connection).await
    }

    /// Takes the attempt back: it failed for a reason that is not the event's.
    pub async fn take_back(&self, pool: &PgPool) -> sqlx::Result<()> {
        let query = "UPDATE bus.parked SET attempts = $4, next_attempt = bus.now()
                     WHERE source = $1 AND subject = $2 AND sequence = $3 AND attempts = $4 + 1";
        let Place { source, subject, sequence } = &self.event.place;
        let query = sqlx::query(query).bind(source).bind(subject).bind(sequence);
        query.bind(self.earlier).execute(pool).await?;
        Ok(())
    }
}

/// Subjects whose next event is parked and due. First those that were tried the least: what crashes the process is
/// then tried last, and the crashes don't hit the same innocent event each time.
pub(crate) async fn due(pool: &PgPool) -> sqlx::Result<Vec<SubjectKey>> {
    let rows = sqlx::query(
        "SELECT source, subject
         FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
         WHERE parked.next_attempt <= bus.now() AND parked.sequence <= coalesce(position.sequence, 0) + 1
         GROUP BY source, subject ORDER BY min(parked.attempts), min(parked.id)
         LIMIT 100",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.iter().map(|row| SubjectKey { source: row.get(0), subject: row.get(1) }).collect())
}

/// Makes some of the events that failed last due now, unless their retries are exhausted. Returns their subjects.
pub(crate) async fn make_due(pool: &PgPool, number: i64) -> sqlx::Result<Vec<SubjectKey>> {
    let query = "UPDATE bus.parked SET next_attempt = bus.now() WHERE id IN (
                     SELECT id FROM bus.parked WHERE state = 'failed' AND next_attempt IS NOT NULL
                     ORDER BY parked_at DESC LIMIT $1)
                 RETURNING source, subject";
    let rows = sqlx::query(query).bind(number).fetch_all(pool).await?;
    Ok(rows.iter().map(|row| SubjectKey { source: row.get(0), subject: row.get(1) }).collect())
}
