//! Claiming mails and recording what came of them.

use std::collections::HashMap;
use std::time::Duration;

use bus::OutboxError;
use chrono::{DateTime, Utc};
use envelope::{Cause, Envelope};
use events::Money;
use events::notify::{EmailFailed, EmailSent};
use iso_currency::Currency;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::{Attempted, Claimed, Status, Store, seconds};
use crate::delivery::Verdict;
use crate::mail::Addition;

impl Store {
    /// Claims mails that are due, the oldest first, for as long as the lease. They are committed as claimed when
    /// this returns, so no other sender gets them before the lease is over.
    pub async fn claim(&self, limit: usize, lease: Duration) -> sqlx::Result<Vec<Claimed>> {
        // Materialised, so that the limit holds: a plan might run a plain subquery more than once.
        let rows = sqlx::query(
            "WITH due AS MATERIALIZED (
                 SELECT event_id FROM mails
                 WHERE status = 'queued' AND next_attempt <= now() AND (leased_until IS NULL OR leased_until < now())
                 ORDER BY next_attempt, event_id
                 LIMIT $1
                 FOR UPDATE SKIP LOCKED
             )
             UPDATE mails AS mail SET leased_until = now() + make_interval(secs => $2)
             FROM due WHERE mail.event_id = due.event_id
             RETURNING mail.event_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                       attempts, queued_at, traceparent, leased_until,
                       ARRAY(SELECT suggested.name
                             FROM suggestions
                             CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(list) AS (sku text, name text))
                                  WITH ORDINALITY AS suggested (sku, name, place)
                             WHERE suggestions.cart_id = mail.cart_id AND suggested.sku <> mail.sku
                             ORDER BY place LIMIT 3) AS suggestions",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(seconds(lease))
        .fetch_all(&self.pool)
        .await?;
        let mut mails = rows.iter().map(claimed).collect::<sqlx::Result<Vec<_>>>()?;
        mails.sort_by_key(|mail| (mail.queued_at, mail.event_id));
        Ok(mails)
    }

    /// Records what came of claimed mails, and its events, in one transaction. A mail whose lease passed to another
    /// sender meanwhile is left to that one; so recording the same twice changes nothing. Returns how many were left.
    pub async fn record(&self, attempts: &[Attempted]) -> Result<usize, OutboxError> {
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
        match record.verdict {
            Verdict::Sent => self.outbox.wrap(&EmailSent { cart_id, about }, cause).map(Some),
            Verdict::Failed(status) => {
                self.outbox.wrap(&EmailFailed { cart_id, about, status }, cause).map(Some)
            }
            Verdict::Again(_) | Verdict::GivenBack => Ok(None),
        }
    }
}

/// What is to be written about a mail.
struct Record {
    event_id: Uuid,
    lease: DateTime<Utc>,
    verdict: Verdict,
    error: Option<String>,
}

impl Record {
    fn of(Attempted { mail, outcome }: &Attempted) -> Self {
        let verdict = outcome.verdict(mail.attempts);
        Self { event_id: mail.event_id, lease: mail.lease, verdict, error: outcome.error() }
    }

    /// A mail that was claimed again after its lease was over may be here twice; only one of them is recorded.
    fn claim(&self) -> Claim {
        (self.event_id, self.lease)
    }

    fn status(&self) -> Status {
        match self.verdict {
            Verdict::Sent => Status::Sent,
            Verdict::Failed(_) => Status::Failed,
            Verdict::Again(_) | Verdict::GivenBack => Status::Queued,
        }
    }

    fn tries(&self) -> i32 {
        i32::from(self.verdict != Verdict::GivenBack)
    }

    fn pause(&self) -> Option<f64> {
        if let Verdict::Again(pause) = self.verdict { Some(seconds(pause)) } else { None }
    }
}

/// A mail and the lease by which a sender has it.
type Claim = (Uuid, DateTime<Utc>);

/// Writes the records whose leases are still the sender's own. Returns each one's cart and the cause of its event.
async fn write(
    connection: &mut PgConnection,
    records: &[Record],
) -> sqlx::Result<HashMap<Claim, (Uuid, Cause)>> {
    let rows = sqlx::query(
        "WITH record AS (
             SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::float8[], $6::text[])
                           AS record (event_id, lease, status, tries, pause, error)
         ), own AS MATERIALIZED (
             SELECT record.* FROM mails JOIN record USING (event_id)
             WHERE mails.status = 'queued' AND mails.leased_until = record.lease
             ORDER BY event_id
             FOR UPDATE OF mails
         )
         UPDATE mails AS mail
         SET status = own.status,
             attempts = attempts + own.tries,
             next_attempt = CASE WHEN own.status <> 'queued' THEN NULL
                                 WHEN own.pause IS NOT NULL THEN now() + make_interval(secs => own.pause)
                                 ELSE next_attempt END,
             leased_until = NULL,
             sent_at = CASE WHEN own.status = 'sent' THEN now() END,
             error = CASE WHEN own.tries = 0 THEN mail.error ELSE own.error END
         FROM own WHERE mail.event_id = own.event_id
         RETURNING mail.event_id, own.lease, cart_id, correlation_id, traceparent",
    )
    .bind(column(records, |record| record.event_id))
    .bind(column(records, |record| record.lease))
    .bind(column(records, |record| record.status().column()))
    .bind(column(records, Record::tries))
    .bind(column(records, Record::pause))
    .bind(column(records, |record| record.error.as_deref()))
    .fetch_all(connection)
    .await?;
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

fn column<'a, T>(records: &'a [Record], value: impl Fn(&'a Record) -> T) -> Vec<T> {
    records.iter().map(value).collect()
}

fn claimed(row: &PgRow) -> sqlx::Result<Claimed> {
    let addition = Addition {
        sku: row.try_get("sku")?,
        name: row.try_get("name")?,
        quantity: row.try_get("quantity")?,
        line_quantity: row.try_get("line_quantity")?,
        unit_price: price(row)?,
        suggestions: row.try_get("suggestions")?,
    };
    Ok(Claimed {
        event_id: row.try_get("event_id")?,
        addition,
        email: row.try_get("email")?,
        language: row.try_get("language")?,
        attempts: row.try_get("attempts")?,
        queued_at: row.try_get("queued_at")?,
        traceparent: row.try_get("traceparent")?,
        lease: row.try_get("leased_until")?,
    })
}

fn price(row: &PgRow) -> sqlx::Result<Money> {
    let code: &str = row.try_get("currency")?;
    let currency = Currency::from_code(code);
    let currency =
        currency.ok_or_else(|| sqlx::Error::Decode(format!("unknown currency {code:?}").into()))?;
    Ok(Money { amount: row.try_get("unit_price")?, currency })
}

#[cfg(test)]
mod tests;
