//! The operator's actions on parked events.
//!
//! The events of a subject are decided on in order, starting with the first that is parked. An action holds the lock on the
//! subject's position, just as processing its events does, so they can't interfere.

use envelope::After;
use serde_json::json;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tracing::info;

use crate::audit::{self, Decision};
use crate::event_key::{EventKey, SubjectKey};
use crate::inbox::positions;
use crate::inbox::sequence_run::SequenceRun;
use crate::inbox::verdict::Verdict;
use crate::incoming::Incoming;
use crate::parking::error::ParkingError;
use crate::parking::filter::{Filter, bind_values, condition};
use crate::parking::parked::{Details, Parked};
use crate::parking::{first_of_subject, rows};
use crate::transaction::commit_sound;

/// The parked events that match, the oldest first, up to a limit.
///
/// # Errors
/// When the database can't be read.
pub async fn list(pool: &PgPool, filter: &Filter, limit: i64) -> sqlx::Result<Vec<Parked>> {
    let query = concat!(
        "SELECT id, source, subject, sequence, event_id, type, state, error, attempts, parked_at, next_attempt,
                after_source, after_subject, after_sequence
         FROM bus.parked WHERE ",
        condition!(),
        " ORDER BY parked_at, source, subject, sequence LIMIT $7"
    );
    bind_values!(sqlx::query_as(query), filter).bind(limit).fetch_all(pool).await
}

/// Everything that is known about a parked event.
///
/// # Errors
/// [`ParkingError::NotParked`] when there is no such event; [`ParkingError::Database`] when the database can't be read.
pub async fn show(pool: &PgPool, id: i64) -> Result<Details, ParkingError> {
    find(&mut *pool.acquire().await?, id).await
}

/// Retries the event at once, whatever its state. The consumer does so within moments. The reason is recorded, as with each
/// of these actions.
///
/// # Errors
/// When the event is not parked, or is not its subject's next one. Then nothing changes.
pub async fn retry(pool: &PgPool, id: i64, reason: Option<&str>) -> Result<(), ParkingError> {
    let mut opened = Opened::open(pool, id).await?;
    opened.must_be_next()?;
    let query = "UPDATE bus.parked SET next_attempt = bus.now() WHERE id = $1";
    sqlx::query(query).bind(id).execute(&mut *opened.transaction).await?;
    opened.commit("parked.retry", reason).await
}

/// Gives the event up: the service never takes it. The events behind it are taken at once.
///
/// # Errors
/// When the event is not parked, or is not its subject's next one; nothing changes then.
pub async fn discard(pool: &PgPool, id: i64, reason: Option<&str>) -> Result<(), ParkingError> {
    let mut opened = Opened::open(pool, id).await?;
    opened.must_be_next()?;
    let event = opened.event();
    positions::set(&mut opened.transaction, &[SequenceRun::of(&event)]).await?;
    rows::remove_until(&mut opened.transaction, &opened.key, event.key.sequence).await?;
    opened.settle_the_next().await?;
    opened.commit("parked.discard", reason).await
}

/// Gives up lost events that this one waits for: the service never takes them. If it waits for an event of another subject,
/// it is taken without that one. This event and those behind it are then taken at once.
///
/// # Errors
/// When the event is not parked, is not the first parked event of its subject, or waits for nothing. Then nothing changes.
pub async fn release(pool: &PgPool, id: i64, reason: Option<&str>) -> Result<(), ParkingError> {
    let mut opened = Opened::open(pool, id).await?;
    let Err(error) = opened.must_be_next() else { return Err(ParkingError::NothingMissing(id)) };
    match error {
        ParkingError::Missing { last, .. } => {
            let missing = SequenceRun::missing(opened.key.clone(), opened.details.position, last);
            positions::set(&mut opened.transaction, &[missing]).await?;
        }
        // That one is still taken if it comes.
        ParkingError::Overtakes { .. } => {
            let query = "UPDATE bus.parked SET after_source = NULL, after_subject = NULL, after_sequence = NULL WHERE id = $1";
            sqlx::query(query).bind(id).execute(&mut *opened.transaction).await?;
        }
        error => return Err(error),
    }
    opened.settle_the_next().await?;
    opened.commit("parked.release", reason).await
}

async fn find(connection: &mut PgConnection, id: i64) -> Result<Details, ParkingError> {
    let query =
        "SELECT id, source, subject, parked.sequence, event_id, type, state, error, attempts, parked_at,
                        next_attempt, after_source, after_subject, after_sequence, body, parked.previous,
                        coalesce(position.sequence, 0) AS position,
                        bus.is_taken(after_source, after_subject, after_sequence) AS may_overtake
                 FROM bus.parked LEFT JOIN bus.positions AS position USING (source, subject)
                 WHERE id = $1";
    let found = sqlx::query_as(query).bind(id).fetch_optional(connection).await?;
    found.ok_or(ParkingError::NotParked(id))
}

/// An event that an operator acts on, whose subject's position is locked.
struct Opened {
    transaction: Transaction<'static, Postgres>,
    key: SubjectKey,
    details: Details,
    /// The first parked event of the subject.
    first: i64,
}

impl Opened {
    async fn open(pool: &PgPool, id: i64) -> Result<Self, ParkingError> {
        let Details { parked: Parked { source, subject, .. }, .. } = show(pool, id).await?;
        let key = SubjectKey { source, subject };
        let mut transaction = pool.begin().await?;
        let position = positions::lock_one(&mut transaction, &key).await?;
        // What was taken is no longer parked, whether or not its row is gone yet.
        rows::remove_until(&mut transaction, &key, position).await?;
        let details = find(&mut transaction, id).await?;
        let query = sqlx::query_scalar("SELECT id FROM bus.first_parked($1, $2, $3)");
        let first = query.bind(&key.source).bind(&key.subject).bind(position);
        let first = first.fetch_one(&mut *transaction).await?;
        Ok(Self { transaction, key, details, first })
    }

    /// Only the subject's next event can be taken or passed over.
    fn must_be_next(&self) -> Result<(), ParkingError> {
        let (id, event) = (self.details.parked.id, self.event());
        if self.first != id {
            Err(ParkingError::NotFirst { earlier: self.first })
        } else if Verdict::of(self.details.position, event.number()) == Verdict::Gap {
            Err(ParkingError::Missing { id, first: self.details.position + 1, last: event.previous })
        } else if let Some(After { source, subject, sequence }) = self.details.must_not_overtake() {
            Err(ParkingError::Overtakes { id, origin: source, subject, sequence })
        } else {
            Ok(())
        }
    }

    fn event(&self) -> Incoming {
        let Details { parked, body, previous, .. } = &self.details;
        let key = EventKey::new(&self.key, parked.sequence);
        Incoming::new(key, *previous, parked.event_id.clone(), parked.kind.clone(), body.clone())
    }

    /// The next one is due, or what is missing before it is searched for, also if it was before.
    async fn settle_the_next(&mut self) -> sqlx::Result<()> {
        let query =
            "UPDATE bus.parked SET error = NULL, next_attempt = NULL WHERE state = 'waiting' AND id = (
                         SELECT first.id FROM bus.positions AS position
                         CROSS JOIN LATERAL bus.first_parked(source, subject, position.sequence) AS first
                         WHERE source = $1 AND subject = $2)";
        let query = sqlx::query(query).bind(&self.key.source).bind(&self.key.subject);
        query.execute(&mut *self.transaction).await?;
        first_of_subject::settle(&mut self.transaction, [&self.key]).await
    }

    async fn commit(mut self, action: &str, reason: Option<&str>) -> Result<(), ParkingError> {
        let Parked { id, source, subject, sequence, kind, event_id, state, error, .. } = self.details.parked;
        let target = format!("{source} {subject}");
        let details = json!({
            "id": id, "type": kind, "sequence": sequence, "event_id": event_id, "state": state, "error": error,
        });
        let decision = Decision { action, target: &target, reason, details };
        audit::record(&mut self.transaction, &decision).await?;
        commit_sound(self.transaction).await?;
        info!(action, id, %source, %subject, sequence, %kind, reason, "an operator decided on a parked event");
        Ok(())
    }
}
