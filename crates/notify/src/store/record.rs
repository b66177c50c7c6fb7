//! Records what became of mails: sent, or failed.

use std::collections::HashMap;

use bus::OutboxError;
use envelope::{Cause, Envelope};
use events::notify::{EmailFailed, EmailSent};
use service::calls::Settled;
use service::columns;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::Store;
use super::status::Status;

/// A mail that is settled.
struct Record<'a> {
    event_id: Uuid,
    settled: &'a Settled<'a>,
}

impl Store {
    /// Records what became of mails, with an event for each, in the transaction that records their calls.
    pub async fn record(
        &self,
        connection: &mut PgConnection,
        settled: &[Settled<'_>],
    ) -> Result<(), OutboxError> {
        let record = |settled| Record::of(settled);
        let records: Vec<Record<'_>> = settled.iter().filter_map(record).collect();
        let causes = write(connection, &records).await?;
        let mut events = Vec::with_capacity(records.len());
        for record in &records {
            if let Some((cart_id, cause)) = causes.get(&record.event_id) {
                events.push(self.event(record, *cart_id, cause)?);
            }
        }
        self.outbox.append(connection, events).await
    }

    fn event(&self, record: &Record<'_>, cart_id: Uuid, cause: &Cause) -> Result<Envelope, OutboxError> {
        let about = record.event_id;
        match record.settled.failure {
            None => self.outbox.wrap(&EmailSent { cart_id, about }, cause),
            Some(refusal) => self.outbox.wrap(&EmailFailed { cart_id, about, status: refusal.code }, cause),
        }
    }
}

impl<'a> Record<'a> {
    fn of(settled: &'a Settled<'a>) -> Option<Self> {
        Some(Self { event_id: settled.key.parse().ok()?, settled })
    }

    fn status(&self) -> Status {
        if self.settled.failure.is_none() { Status::Sent } else { Status::Failed }
    }
}

/// Returns each mail's cart and the cause of its event.
async fn write(
    connection: &mut PgConnection,
    records: &[Record<'_>],
) -> sqlx::Result<HashMap<Uuid, (Uuid, Cause)>> {
    let update = sqlx::query(
        "WITH settled AS MATERIALIZED (
             SELECT record.* FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS record (event_id, status, attempts)
             -- The status outside, or an index of those that are queued may be read from end to end.
             CROSS JOIN LATERAL (SELECT status FROM mails WHERE event_id = record.event_id OFFSET 0) AS mail
             WHERE mail.status = 'queued'
         )
         UPDATE mails AS mail
         SET status = settled.status, attempts = settled.attempts, next_attempt = NULL, leased_until = NULL,
             sent_at = CASE WHEN settled.status = 'sent' THEN now() END,
             email = CASE WHEN settled.status = 'sent' THEN masked(email) ELSE email END,
             address_hash = coalesce(address_hash, hash_of(email))
         FROM settled
         WHERE mail.event_id = ANY (ARRAY(SELECT event_id FROM settled)) AND mail.event_id = settled.event_id
         RETURNING mail.event_id, cart_id, correlation_id, traceparent",
    );
    let update = columns!(update, for record in records => record.event_id, record.status().column(), record.settled.attempts);
    let rows = update.fetch_all(connection).await?;
    let cause = |row: &sqlx::postgres::PgRow| {
        let event_id: Uuid = row.try_get("event_id")?;
        let cause = Cause {
            correlation_id: row.try_get("correlation_id")?,
            causation_id: Some(event_id),
            traceparent: row.try_get("traceparent")?,
            ..Cause::default()
        };
        Ok((event_id, (row.try_get("cart_id")?, cause)))
    };
    rows.iter().map(cause).collect()
}
