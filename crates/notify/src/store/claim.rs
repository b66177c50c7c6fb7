//! Claims queued mails for sending.

use std::time::Duration;

use chrono::{DateTime, Utc};
use events::Money;
use iso_currency::Currency;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Store;
use crate::mail::Addition;

/// A queued mail that a sender has claimed. Not to be logged.
pub struct ClaimedMail {
    /// The event of the addition that it is about.
    pub event_id: Uuid,
    /// What was added.
    pub addition: Addition,
    /// The shopper's address.
    pub email: String,
    /// The shopper's language, as a BCP 47 tag.
    pub language: String,
    /// The number of attempts so far.
    pub attempts: i32,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// The trace of the addition.
    pub traceparent: Option<String>,
    /// The end of the lease, by which the sender proves that the claim is still its own.
    pub lease: DateTime<Utc>,
}

impl Store {
    /// Claims mails that are due, the oldest first, for the duration of the lease. The claim is committed when this
    /// returns, so no other sender gets the mails before the lease ends.
    pub async fn claim(&self, limit: usize, lease: Duration) -> sqlx::Result<Vec<ClaimedMail>> {
        // Materialized, so that the limit holds: a plan may run an inlined subquery more than once.
        let rows = sqlx::query(
            "WITH due AS MATERIALIZED (
                 SELECT event_id FROM mails
                 WHERE status = 'queued' AND next_attempt <= bus.now() AND (leased_until IS NULL OR leased_until < bus.now())
                 ORDER BY next_attempt, event_id
                 LIMIT $1
                 FOR UPDATE SKIP LOCKED
             )
             UPDATE mails AS mail SET leased_until = bus.now() + make_interval(secs => $2)
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
        .bind(lease.as_secs_f64())
        .fetch_all(&self.pool)
        .await?;
        let mut mails = rows.iter().map(claimed).collect::<sqlx::Result<Vec<_>>>()?;
        mails.sort_by_key(|mail| (mail.queued_at, mail.event_id));
        Ok(mails)
    }
}

fn claimed(row: &PgRow) -> sqlx::Result<ClaimedMail> {
    let addition = Addition {
        sku: row.try_get("sku")?,
        name: row.try_get("name")?,
        quantity: row.try_get("quantity")?,
        line_quantity: row.try_get("line_quantity")?,
        unit_price: price(row)?,
        suggestions: row.try_get("suggestions")?,
    };
    Ok(ClaimedMail {
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
