//! Attempts at parked events. An attempt is committed before it is made, so that one that crashes the process counts
//! as well.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use crate::event_key::{EventKey, SubjectKey};
use crate::incoming::Incoming;
use crate::parking::retry_delay::{self, AFTER_CRASH, AFTER_INTERRUPTION};
use crate::parking::rows;
use crate::parking::state::ParkedState;

/// After this many attempts that crashed the process, an event is not tried again.
const MAX_CRASHES: i32 = 5;
/// How many of those with the same number of attempts are tried together.
const OF_EACH: i64 = 20;

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
        "SELECT parked.sequence, parked.previous, event_id, type, body, state, attempts, error
         FROM bus.first_parked($1, $2, $3) AS first
         CROSS JOIN LATERAL (SELECT * FROM bus.parked WHERE parked.id = first.id OFFSET 0) AS parked
         WHERE first.is_next AND next_attempt <= bus.now()",
    )
    .bind(&key.source)
    .bind(&key.subject)
    .bind(position)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let event_key = EventKey::new(key, row.get(0));
        let event = Incoming::new(event_key, row.get(1), row.get(2), row.get(3), row.get(4));
        Attempt { event, state: ParkedState::named(row.get(5)), earlier: row.get(6), error: row.get(7) }
    }))
}

impl Attempt {
    /// Whether it crashed the process so often that it is not tried again.
    pub fn crashes_the_process(&self) -> bool {
        self.state == ParkedState::Waiting && self.earlier >= MAX_CRASHES
    }

    /// Notes that it is being tried. What becomes of it is noted afterwards; if nothing ever is, this remains.
    pub async fn begin(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        // A crash of this process loses no commit, only one of the server does, and then an attempt goes uncounted:
        // not worth waiting for the disk before each attempt.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *connection).await?;
        let delay = match self.state {
            ParkedState::Waiting => Some(AFTER_CRASH),
            ParkedState::Failed => retry_delay::after(self.earlier + 1),
            ParkedState::Fatal => None,
        };
        let (key, error) = (&self.event.key, self.error.clone());
        rows::update(connection, key, self.state, self.earlier + 1, delay, error).await
    }

    /// Makes it wait for an operator.
    pub async fn give_up(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let error = format!("the process crashed in all {} attempts", self.earlier);
        rows::update(connection, &self.event.key, ParkedState::Fatal, self.earlier, None, Some(error)).await
    }

    /// Whether nobody else has begun another attempt, and no operator has decided on it. The caller has locked the
    /// position.
    pub async fn is_current(&self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        let query = "SELECT EXISTS (SELECT FROM bus.parked
                     WHERE source = $1 AND subject = $2 AND sequence = $3 AND attempts = $4)";
        let EventKey { source, subject, sequence } = &self.event.key;
        let query = sqlx::query_scalar(query).bind(source).bind(subject).bind(sequence);
        query.bind(self.earlier + 1).fetch_one(connection).await
    }

    /// Takes the attempt back: it failed for a reason that is not the event's. Not due at once again, so that it holds up
    /// no other.
    pub async fn take_back(&self, pool: &PgPool) -> sqlx::Result<()> {
        let query =
            "UPDATE bus.parked SET attempts = $4, next_attempt = bus.now() + make_interval(secs => $5)
                     WHERE source = $1 AND subject = $2 AND sequence = $3 AND attempts = $4 + 1";
        let EventKey { source, subject, sequence } = &self.event.key;
        let query = sqlx::query(query).bind(source).bind(subject).bind(sequence);
        query.bind(self.earlier).bind(AFTER_INTERRUPTION.as_secs_f64()).execute(pool).await?;
        Ok(())
    }
}

/// A parked event that is due, as far as its row says.
pub(crate) struct Due {
    pub id: i64,
    pub key: SubjectKey,
}

/// Some of those that are due. First those that were tried the least: what crashes the process is then tried last, and
/// the crashes don't hit the same innocent event each time. A few of each number of attempts, so that the cost is the
/// same however many there are, and none waits forever.
pub(crate) async fn due(pool: &PgPool) -> sqlx::Result<Vec<Due>> {
    let rows = sqlx::query(
        "SELECT due.id, due.source, due.subject FROM generate_series(0, 9) AS tried (attempts)
         CROSS JOIN LATERAL (
             SELECT id, source, subject, next_attempt FROM bus.parked
             WHERE least(parked.attempts, 9) = tried.attempts AND next_attempt <= bus.now()
             ORDER BY next_attempt LIMIT $1
         ) AS due
         ORDER BY tried.attempts, due.next_attempt, due.id",
    )
    .bind(OF_EACH)
    .fetch_all(pool)
    .await?;
    let due =
        |row: &PgRow| Due { id: row.get(0), key: SubjectKey { source: row.get(1), subject: row.get(2) } };
    Ok(rows.iter().map(due).collect())
}

/// Makes some of the events that failed last due now, unless their retries are exhausted. Returns their subjects.
pub(crate) async fn make_due(pool: &PgPool, number: i64) -> sqlx::Result<Vec<SubjectKey>> {
    let query = "UPDATE bus.parked SET next_attempt = bus.now() WHERE id = ANY (ARRAY(
                     SELECT failed.id FROM generate_series(1, 9) AS tried (attempts)
                     CROSS JOIN LATERAL (
                         SELECT id, next_attempt FROM bus.parked
                         WHERE least(parked.attempts, 9) = tried.attempts AND next_attempt IS NOT NULL
                           AND state = 'failed'
                         ORDER BY next_attempt DESC LIMIT $1
                     ) AS failed
                     ORDER BY tried.attempts, failed.next_attempt DESC LIMIT $1))
                 RETURNING source, subject";
    let rows = sqlx::query(query).bind(number).fetch_all(pool).await?;
    Ok(rows.iter().map(|row| SubjectKey { source: row.get(0), subject: row.get(1) }).collect())
}
