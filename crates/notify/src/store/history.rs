//! The mail history, for operators.

use chrono::{DateTime, Utc};
use serde::Serialize;
use service::Table;
use sqlx::Row;
use sqlx::postgres::PgRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Store;
use super::status::Status;
use crate::address::masked;

const MAILS: Table = Table { service: "notify", name: "mails", key: "event_id" };

/// Which mails to read.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of this cart only.
    pub cart: Option<Uuid>,
    /// With this status only.
    pub status: Option<Status>,
    /// Suppressed ones only, or the others only.
    pub suppressed: Option<bool>,
    /// With an error that contains this text only.
    pub error: Option<String>,
    /// Those that follow this one.
    pub after: Option<Uuid>,
    /// The maximum number of emails.
    pub limit: usize,
}

/// A page of mails.
pub struct Page {
    /// In the order of the additions that they are about.
    pub mails: Vec<Entry>,
    /// The last one, if there are more after it.
    pub next: Option<Uuid>,
}

/// An email, or an addition whose cart had no shopper to write to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// The event of the addition that it is about.
    pub event_id: Uuid,
    /// The email's Message-ID, with its angle brackets; null if there is no email.
    #[schema(example = "<01938e3c-0d0c-7c83-a2b8-2c5a3f1b7c11@cartwheel.example>")]
    pub message_id: Option<String>,
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// The pieces that were added.
    pub quantity: i64,
    /// Its status.
    pub status: Status,
    /// Why the shopper's address gets no emails, if it gets none: it is `unsubscribed` (on the suppression list), or has got
    /// `too-many` in an hour.
    #[schema(example = "too-many")]
    pub suppressed: Option<String>,
    /// The shopper's address, masked.
    #[schema(example = "s…7@example.test")]
    pub address: Option<String>,
    /// The shopper's language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The number of attempts so far.
    pub attempts: i32,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// The earliest time of the next attempt.
    pub next_attempt: Option<DateTime<Utc>>,
    /// When it was recorded that the mail server accepted it.
    pub sent_at: Option<DateTime<Utc>>,
    /// What went wrong in the last attempt.
    pub error: Option<String>,
}

/// A page of these mails.
macro_rules! pages_of {
    ($mails:literal) => {
        concat!(
            "SELECT event_id, cart_id, sku, quantity, status, email, language, queued_at, sent_at, suppressed,
                    call.next_attempt, coalesce(call.attempts, mails.attempts) AS attempts, last.error
             FROM ",
            $mails,
            " LEFT JOIN LATERAL (
                 SELECT key, attempts, next_attempt, error FROM calls.calls WHERE key = mails.event_id::text OFFSET 0
             ) AS call ON true
             CROSS JOIN LATERAL (
                 SELECT CASE WHEN call.key IS NULL THEN mails.error ELSE call.error END AS error
             ) AS last
             WHERE ($1::uuid IS NULL OR cart_id = $1) AND ($2::text IS NULL OR status = $2)
               AND ($3::uuid IS NULL OR event_id > $3)
               AND ($4::text IS NULL OR strpos(last.error, $4) > 0)
               AND ($6::bool IS NULL OR (suppressed IS NOT NULL) = $6)
             ORDER BY event_id
             LIMIT $5"
        )
    };
}

impl Store {
    /// Reads mails in the order of the additions that they are about.
    pub async fn history(&self, filter: Filter) -> sqlx::Result<Page> {
        let mut transaction = self.pool.begin().await?;
        // Which index serves depends on what is asked for: a plan for everything would read all mails.
        sqlx::query("SET LOCAL plan_cache_mode = force_custom_plan").execute(&mut *transaction).await?;
        // One more than asked for shows whether there is a next page.
        let mut rows = sqlx::query(match filter.cart {
            // They are few: all of them are read and sorted, whatever the planner knows.
            Some(_) => pages_of!("(SELECT * FROM mails WHERE cart_id = $1 OFFSET 0) AS mails"),
            None => pages_of!("mails"),
        })
        .bind(filter.cart)
        .bind(filter.status.map(Status::column))
        .bind(filter.after)
        .bind(filter.error)
        .bind(i64::try_from(filter.limit).unwrap_or(i64::MAX).saturating_add(1))
        .bind(filter.suppressed)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.rollback().await?;
        let more = rows.len() > filter.limit;
        rows.truncate(filter.limit);
        let next = rows.last().filter(|_| more).map(|last| last.try_get("event_id")).transpose()?;
        Ok(Page { mails: MAILS.read(&rows, entry), next })
    }
}

fn entry(row: &PgRow) -> sqlx::Result<Entry> {
    let email: Option<&str> = row.try_get("email")?;
    Ok(Entry {
        event_id: row.try_get("event_id")?,
        message_id: None,
        cart_id: row.try_get("cart_id")?,
        sku: row.try_get("sku")?,
        quantity: row.try_get("quantity")?,
        status: Status::read(row.try_get("status")?)?,
        suppressed: row.try_get("suppressed")?,
        address: email.map(masked),
        language: row.try_get("language")?,
        attempts: row.try_get("attempts")?,
        queued_at: row.try_get("queued_at")?,
        next_attempt: row.try_get("next_attempt")?,
        sent_at: row.try_get("sent_at")?,
        error: row.try_get("error")?,
    })
}
