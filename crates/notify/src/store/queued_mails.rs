//! Reads queued mails, to send them.

use chrono::{DateTime, Utc};
use events::Money;
use iso_currency::Currency;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Store;
use crate::mail::Addition;

/// A queued mail. Not to be logged.
pub struct QueuedMail {
    /// The event of the addition that it is about.
    pub event_id: Uuid,
    /// What was added.
    pub addition: Addition,
    /// The shopper's address.
    pub email: String,
    /// The shopper's language, as a BCP 47 tag.
    pub language: String,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// The trace of the addition.
    pub traceparent: Option<String>,
}

impl Store {
    /// The queued mails about these events; one that can't be read is alone in that.
    pub async fn queued(&self, events: &[Uuid]) -> sqlx::Result<Vec<(Uuid, sqlx::Result<QueuedMail>)>> {
        let rows = sqlx::query(
            "SELECT event_id, sku, name, quantity, line_quantity, unit_price, currency, email, language, queued_at,
                    traceparent,
                    coalesce((SELECT true FROM suppressions WHERE suppressions.address_hash = mail.address_hash), false)
                        AS suppressed,
                    ARRAY(SELECT suggested.name
                          FROM suggestions
                          CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(list) AS (sku text, name text))
                               WITH ORDINALITY AS suggested (sku, name, place)
                          WHERE suggestions.cart_id = mail.cart_id AND suggested.sku <> mail.sku
                          ORDER BY place LIMIT 3) AS suggestions
             FROM unnest($1::uuid[]) AS wanted (id)
             -- The status outside, or an index of those that are queued may be read from end to end.
             CROSS JOIN LATERAL (SELECT * FROM mails WHERE event_id = wanted.id OFFSET 0) AS mail
             WHERE mail.status = 'queued'",
        )
        .bind(events)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("event_id")?, queued(row)))).collect()
    }
}

fn queued(row: &PgRow) -> sqlx::Result<QueuedMail> {
    if row.try_get("suppressed")? {
        return Err(sqlx::Error::Decode("its address is on the suppression list".into()));
    }
    let addition = Addition {
        sku: row.try_get("sku")?,
        name: row.try_get("name")?,
        quantity: row.try_get("quantity")?,
        line_quantity: row.try_get("line_quantity")?,
        unit_price: price(row)?,
        suggestions: row.try_get("suggestions")?,
    };
    Ok(QueuedMail {
        event_id: row.try_get("event_id")?,
        addition,
        email: row.try_get("email")?,
        language: row.try_get("language")?,
        queued_at: row.try_get("queued_at")?,
        traceparent: row.try_get("traceparent")?,
    })
}

fn price(row: &PgRow) -> sqlx::Result<Money> {
    let code: &str = row.try_get("currency")?;
    let currency = Currency::from_code(code);
    let currency =
        currency.ok_or_else(|| sqlx::Error::Decode(format!("unknown currency {code:?}").into()))?;
    Ok(Money { amount: row.try_get("unit_price")?, currency })
}
