//! Records the outcomes of attempts to send claimed mails.

use std::collections::HashMap;

use bus::OutboxError;
use chrono::{DateTime, Utc};
use envelope::{Cause, Envelope};
use events::notify::{EmailFailed, EmailSent};
use service::columns;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::Store;
use super::claim::ClaimedMail;
use super::status::Status;
use crate::retry_policy::{AttemptOutcome, NextStep};

/// An attempt to send a claimed mail.
pub struct Attempt {
    /// The mail.
    pub mail: ClaimedMail,
    /// Its outcome.
    pub outcome: AttemptOutcome,
}

impl Store {
    /// Records attempts and their events in one transaction. A mail that another sender has claimed in the meantime
    /// is left to that one, so recording an attempt twice changes nothing. Returns how many were left.
    pub async fn record(&self, attempts: &[Attempt]) -> Result<usize, OutboxError> {
        let records: Vec<Record> = attempts.iter().map(Record::of).collect();
        let mut transaction = self.pool.begin().await?;
        let causes = write(&mut transaction, &records).await?;
        let mut events = Vec::new();
        for record in &records {
            if let Some((cart_id, cause)) = causes.get(&record.claim()) {
                events.extend(self.event(record, *cart_id, cause)?);
            }
        }
        self.outbox.append(&mut transaction, events).await?;
        self.outbox.commit(transaction).await?;
        Ok(records.len() - causes.len())
    }

    fn event(&self, record: &Record, cart_id: Uuid, cause: &Cause) -> Result<Option<Envelope>, OutboxError> {
        let about = record.event_id;
        match record.next_step {
            NextStep::Sent => self.outbox.wrap(&EmailSent { cart_id, about }, cause).map(Some),
            NextStep::Failed(status) => {
                self.outbox.wrap(&EmailFailed { cart_id, about, status }, cause).map(Some)
            }
            NextStep::Retry(_) | NextStep::Released => Ok(None),
        }
    }
}

/// What is written about a mail.
struct Record {
    event_id: Uuid,
    lease: DateTime<Utc>,
    next_step: NextStep,
    error: Option<String>,
}

impl Record {
    fn of(Attempt { mail, outcome }: &Attempt) -> Self {
        let next_step = outcome.next_step(mail.attempts);
        Self { event_id: mail.event_id, lease: mail.lease, next_step, error: outcome.error() }
    }

    /// A mail that was claimed again after its lease ended may be here twice; only one of the two is recorded.
    fn claim(&self) -> Claim {
        (self.event_id, self.lease)
    }

    fn status(&self) -> Status {
        match self.next_step {
            NextStep::Sent => Status::Sent,
            NextStep::Failed(_) => Status::Failed,
            NextStep::Retry(_) | NextStep::Released => Status::Queued,
        }
    }

    fn attempts(&self) -> i32 {
        i32::from(self.next_step != NextStep::Released)
    }

    fn delay(&self) -> Option<f64> {
        if let NextStep::Retry(delay) = self.next_step { Some(delay.as_secs_f64()) } else { None }
    }
}

/// A mail and the lease under which a sender has claimed it.
type Claim = (Uuid, DateTime<Utc>);

/// Writes the records whose claims are still the sender's own. Returns each one's cart and the cause of its event.
async fn write(
    connection: &mut PgConnection,
    records: &[Record],
) -> sqlx::Result<HashMap<Claim, (Uuid, Cause)>> {
    let update = sqlx::query(
        "WITH record AS (
             SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::float8[], $6::text[])
                           AS record (event_id, lease, status, attempts, delay, error)
         ), own AS MATERIALIZED (
             SELECT record.* FROM mails JOIN record USING (event_id)
             WHERE mails.status = 'queued' AND mails.leased_until = record.lease
             ORDER BY event_id
             FOR UPDATE OF mails
         )
         UPDATE mails AS mail
         SET status = own.status,
             attempts = mail.attempts + own.attempts,
             next_attempt = CASE WHEN own.status <> 'queued' THEN NULL
                                 WHEN own.delay IS NOT NULL THEN bus.now() + make_interval(secs => own.delay)
                                 ELSE next_attempt END,
             leased_until = NULL,
             sent_at = CASE WHEN own.status = 'sent' THEN now() END,
             error = CASE WHEN own.attempts = 0 THEN mail.error ELSE own.error END
         FROM own WHERE mail.event_id = own.event_id
         RETURNING mail.event_id, own.lease, cart_id, correlation_id, traceparent",
    );
    let update = columns!(
        update,
        for record in records => record.event_id, record.lease, record.status().column(), record.attempts(),
                                 record.delay(), record.error.as_deref(),
    );
    let rows = update.fetch_all(connection).await?;
    let recorded = rows.iter().map(|row| {
        let event_id: Uuid = row.get("event_id");
        let cause = Cause {
            correlation_id: row.get("correlation_id"),
            causation_id: Some(event_id),
            traceparent: row.get("traceparent"),
        };
        ((event_id, row.get("lease")), (row.get("cart_id"), cause))
    });
    Ok(recorded.collect())
}

#[cfg(test)]
mod tests;
