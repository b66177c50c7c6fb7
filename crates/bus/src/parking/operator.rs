//! The operator's hand: what is parked is seen, and judged.
//!
//! Events of a subject are judged in their order, from the first that is parked. Whoever judges holds the lock of the
//! subject's position, as whoever takes events does, so neither is in the other's way.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tracing::info;

use crate::inbox::{self, Key, Span};
use crate::message::{Incoming, Place};
use crate::parking;

/// A parked event as an operator sees it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Parked {
    /// What an operator names it by.
    pub id: i64,
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
    /// `failed`; `waiting` for an earlier event of its subject, or to be tried alone; or `fatal`: whoever tried it did
    /// not live to tell.
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

/// Everything that is known of a parked event.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Details {
    /// The event.
    #[sqlx(flatten)]
    pub parked: Parked,
    /// The message as it came.
    pub body: Vec<u8>,
    /// The number of the last event of its subject that was taken.
    pub position: i64,
}

/// Which parked events to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of this type.
    pub kind: Option<String>,
    /// Only those of this subject.
    pub subject: Option<String>,
    /// Only those in this state: `waiting`, `failed` or `fatal`.
    pub state: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// Why an event can't be judged so, and what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum JudgementError {
    /// There is no such event, or no longer.
    #[error("no event {0} is parked: it may have been taken or discarded meanwhile. List what is parked")]
    NotParked(i64),
    /// Events of a subject are judged in their order.
    #[error("event {earlier} is parked before it, of the same subject: judge that one first")]
    NotFirst {
        /// The id of the first parked event of the subject.
        earlier: i64,
    },
    /// The event's predecessors were not taken and are not parked.
    #[error("{} of the same subject must come first: wait for it, or release event {id} to give it up", numbers(*.first, *.last))]
    Missing {
        /// The parked event.
        id: i64,
        /// The number of the first that is missing.
        first: i64,
        /// The number of the last that is missing.
        last: i64,
    },
    /// The event waits for nothing.
    #[error("nothing is missing before event {0}: retry or discard it")]
    NothingMissing(i64),
    /// PostgreSQL or the way to it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

fn numbers(first: i64, last: i64) -> String {
    if first == last { format!("number {first}") } else { format!("numbers {first} to {last}") }
}

/// The parked events, the oldest first.
pub async fn list(pool: &PgPool, filter: &Filter) -> sqlx::Result<Vec<Parked>> {
    let query = "SELECT id, source, subject, sequence, event_id, type, state, error, attempts, parked_at, next_attempt
                 FROM bus.parked
                 WHERE ($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR subject = $2)
                   AND ($3::text IS NULL OR state = $3)
                 ORDER BY parked_at, source, subject, sequence LIMIT $4";
    let query = sqlx::query_as(query).bind(&filter.kind).bind(&filter.subject).bind(&filter.state);
    query.bind(filter.limit).fetch_all(pool).await
}

/// The parked events, the oldest first, at most `limit`.
pub async fn oldest(pool: &PgPool, limit: i64) -> sqlx::Result<Vec<Parked>> {
    list(pool, &Filter { kind: None, subject: None, state: None, limit }).await
}

/// Everything that is known of a parked event.
pub async fn show(pool: &PgPool, id: i64) -> Result<Details, JudgementError> {
    find(&mut *pool.acquire().await?, id).await
}

async fn find(connection: &mut PgConnection, id: i64) -> Result<Details, JudgementError> {
    let query =
        "SELECT id, source, subject, parked.sequence, event_id, type, state, error, attempts, parked_at,
                        next_attempt, body, coalesce(position.sequence, 0) AS position
                 FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
                 WHERE id = $1";
    let found = sqlx::query_as(query).bind(id).fetch_optional(connection).await?;
    found.ok_or(JudgementError::NotParked(id))
}

/// Has the event tried again at once, whatever became of it so far. The consumer does it within moments.
pub async fn retry(pool: &PgPool, id: i64) -> Result<(), JudgementError> {
    let mut case = Case::open(pool, id).await?;
    case.must_be_next()?;
    let query = "UPDATE bus.parked SET next_attempt = now() WHERE id = $1";
    sqlx::query(query).bind(id).execute(&mut *case.transaction).await?;
    case.close("retry").await
}

/// Gives the event up: the service never takes it. Those behind it are taken at once.
pub async fn discard(pool: &PgPool, id: i64) -> Result<(), JudgementError> {
    let mut case = Case::open(pool, id).await?;
    case.must_be_next()?;
    let event = case.event();
    inbox::set(&mut case.transaction, &inbox::spans(&[&event]).unwrap_or_default()).await?;
    parking::remove_until(&mut case.transaction, &case.key, event.place.sequence).await?;
    case.have_the_others_tried().await?;
    case.close("discard").await
}

/// Gives up the events that the event waits for, since they are lost: the service never takes them. It is taken itself
/// at once, and those behind it.
pub async fn release(pool: &PgPool, id: i64) -> Result<(), JudgementError> {
    let mut case = Case::open(pool, id).await?;
    let Err(error) = case.must_be_next() else { return Err(JudgementError::NothingMissing(id)) };
    let JudgementError::Missing { first, last, .. } = error else { return Err(error) };
    inbox::set(&mut case.transaction, &[Span::missing(case.key.clone(), first, last)]).await?;
    case.have_the_others_tried().await?;
    case.close("release").await
}

/// An event that is being judged, its subject's position locked.
struct Case {
    transaction: Transaction<'static, Postgres>,
    key: Key,
    details: Details,
    /// The first parked event of the subject.
    first: i64,
}

impl Case {
    async fn open(pool: &PgPool, id: i64) -> Result<Self, JudgementError> {
        let Details { parked: Parked { source, subject, .. }, .. } = show(pool, id).await?;
        let key = Key { source, subject };
        let mut transaction = pool.begin().await?;
        let position = inbox::lock(&mut transaction, &BTreeSet::from([key.clone()])).await?;
        // What was taken is no longer there to be judged, whether or not its row is gone yet.
        parking::remove_until(&mut transaction, &key, position.get(&key).copied().unwrap_or(0)).await?;
        let details = find(&mut transaction, id).await?;
        let query = "SELECT id FROM bus.parked WHERE source = $1 AND subject = $2 ORDER BY sequence LIMIT 1";
        let first = sqlx::query_scalar(query).bind(&key.source).bind(&key.subject);
        let first = first.fetch_one(&mut *transaction).await?;
        Ok(Self { transaction, key, details, first })
    }

    /// Only the subject's next event can be taken or passed over.
    fn must_be_next(&self) -> Result<(), JudgementError> {
        let Details { parked: Parked { id, sequence, .. }, position, .. } = self.details;
        if self.first != id {
            Err(JudgementError::NotFirst { earlier: self.first })
        } else if sequence > position + 1 {
            Err(JudgementError::Missing { id, first: position + 1, last: sequence - 1 })
        } else {
            Ok(())
        }
    }

    fn event(&self) -> Incoming {
        let Details { parked, body, .. } = &self.details;
        let Key { source, subject } = self.key.clone();
        let place = Place { source, subject, sequence: parked.sequence };
        Incoming::new(place, parked.event_id.clone(), parked.kind.clone(), body.clone())
    }

    async fn have_the_others_tried(&mut self) -> sqlx::Result<()> {
        let query = "UPDATE bus.parked SET next_attempt = now(), error = NULL
                     WHERE source = $1 AND subject = $2 AND state = 'waiting'";
        let query = sqlx::query(query).bind(&self.key.source).bind(&self.key.subject);
        query.execute(&mut *self.transaction).await?;
        Ok(())
    }

    async fn close(self, verdict: &str) -> Result<(), JudgementError> {
        self.transaction.commit().await?;
        let Parked { id, source, subject, sequence, kind, .. } = self.details.parked;
        info!(verdict, id, %source, %subject, sequence, %kind, "an operator judged a parked event");
        Ok(())
    }
}
