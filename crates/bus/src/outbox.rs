//! The outbox: events are committed together with the rows that they tell of, and published afterwards by the
//! [relay](crate::relay). So there is never an event without its change, nor a change without its event.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use envelope::{Cause, Clock, Envelope, EventType};
use sqlx::{PgConnection, Postgres, Row, Transaction};
use tokio::sync::Notify;

/// Writes a service's events into its outbox. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    source: Arc<str>,
    clock: Clock,
    committed: Arc<Notify>,
    /// During a rebuild nothing is published a second time.
    silent: Arc<AtomicBool>,
}

/// Why events could not be written into the outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// PostgreSQL.
    #[error("the outbox: {0}")]
    Database(#[from] sqlx::Error),
    /// An event can't be written as JSON.
    #[error("an event can't be written as JSON: {0}")]
    Event(#[from] serde_json::Error),
}

impl Outbox {
    pub(crate) fn new(source: &str, clock: Clock) -> Self {
        Self { source: source.into(), clock, committed: Arc::new(Notify::new()), silent: Arc::default() }
    }

    /// Wraps an event of this service that happens now. [`append`](Self::append) numbers it, unless the caller does with
    /// [`Envelope::numbered`].
    pub fn wrap<E: EventType>(&self, event: &E, cause: &Cause) -> Result<Envelope, OutboxError> {
        Ok(Envelope::new(&self.source, event, cause, self.clock.now())?)
    }

    /// Writes events in the caller's transaction, in this order. Those without a number get the next ones of their
    /// subject; that row stays locked until the transaction ends, so that numbers have no holes and the outbox's
    /// order is each subject's order.
    ///
    /// A caller who numbers events itself must hold a lock of its own on the subject by then, for the same reason.
    pub async fn append(
        &self,
        connection: &mut PgConnection,
        mut events: Vec<Envelope>,
    ) -> Result<(), OutboxError> {
        if events.is_empty() || self.silent.load(Ordering::Relaxed) {
            return Ok(());
        }
        number(connection, &mut events).await?;
        #[cfg(debug_assertions)]
        let events = crate::sabotage::keep_out(self, events);
        self.insert(connection, events).await
    }

    /// Writes events that have their numbers.
    pub(crate) async fn insert(
        &self,
        connection: &mut PgConnection,
        events: Vec<Envelope>,
    ) -> Result<(), OutboxError> {
        let mut ids = Vec::with_capacity(events.len());
        let mut kinds = Vec::with_capacity(events.len());
        let mut subjects = Vec::with_capacity(events.len());
        let mut sequences = Vec::with_capacity(events.len());
        let mut bodies = Vec::with_capacity(events.len());
        for event in events {
            bodies.push(serde_json::to_vec(&event)?);
            ids.push(event.id);
            kinds.push(event.kind);
            subjects.push(event.subject);
            sequences.push(event.sequence);
        }
        sqlx::query(
            "INSERT INTO bus.outbox (event_id, type, subject, sequence, body)
             SELECT event_id, type, subject, sequence, body
             FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bytea[])
                  WITH ORDINALITY AS event (event_id, type, subject, sequence, body, place)
             ORDER BY place",
        )
        .bind(ids)
        .bind(kinds)
        .bind(subjects)
        .bind(sequences)
        .bind(bodies)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Commits the transaction and wakes the relay, so that its events go out at once.
    pub async fn commit(&self, transaction: Transaction<'_, Postgres>) -> sqlx::Result<()> {
        transaction.commit().await?;
        self.wake();
        Ok(())
    }

    /// Tells the relay of this process that a transaction with events was committed.
    pub fn wake(&self) {
        self.committed.notify_one();
    }

    /// From now on nothing is written, and no number is given.
    pub(crate) fn silence(&self) {
        self.silent.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn woken(&self) {
        self.committed.notified().await;
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }
}

/// Gives the events that have no number yet the next ones of their subjects.
async fn number(connection: &mut PgConnection, events: &mut [Envelope]) -> sqlx::Result<()> {
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for event in events.iter().filter(|event| event.sequence == 0) {
        *wanted.entry(event.subject.as_str()).or_default() += 1;
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let (subjects, counts): (Vec<&str>, Vec<i64>) = wanted.into_iter().unzip();
    // Sorted, so that two transactions lock common subjects in the same order.
    let rows = sqlx::query(
        "INSERT INTO bus.sequences AS known (subject, last)
         SELECT subject, number FROM unnest($1::text[], $2::bigint[]) AS wanted (subject, number) ORDER BY subject
         ON CONFLICT (subject) DO UPDATE SET last = known.last + EXCLUDED.last
         RETURNING subject, last",
    )
    .bind(&subjects)
    .bind(&counts)
    .fetch_all(connection)
    .await?;
    let counts: BTreeMap<&str, i64> = subjects.into_iter().zip(counts).collect();
    let mut next: BTreeMap<String, i64> = rows
        .iter()
        .map(|row| {
            let (subject, last): (String, i64) = (row.get(0), row.get(1));
            let first = last - counts.get(subject.as_str()).copied().unwrap_or(0) + 1;
            (subject, first)
        })
        .collect();
    for event in events.iter_mut().filter(|event| event.sequence == 0) {
        if let Some(number) = next.get_mut(&event.subject) {
            event.sequence = *number;
            *number += 1;
        }
    }
    Ok(())
}
