//! The mail history, for operators.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Store;
use super::status::Status;
use crate::address::masked;

/// Which mails to read.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Of this cart only.
    pub cart: Option<Uuid>,
    /// With this status only.
    pub status: Option<Status>,
    /// Those that follow this one.
    pub after: Option<Uuid>,
    /// The maximum number of mails.
    pub limit: i64,
}

/// A mail, or an addition whose cart had no shopper to write to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// The event of the addition that it is about.
    pub event_id: Uuid,
    /// The mail's Message-ID, with its angle brackets; null if there is no mail.
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

impl Store {
    /// Reads mails in the order of the additions that they are about.
    pub async fn history(&self, filter: Filter) -> sqlx::Result<Vec<Entry>> {
        let rows = sqlx::query(
            "SELECT event_id, cart_id, sku, quantity, status, email, language, attempts, queued_at, next_attempt,
                    sent_at, error
             FROM mails
             WHERE ($1::uuid IS NULL OR cart_id = $1) AND ($2::text IS NULL OR status = $2)
               AND ($3::uuid IS NULL OR event_id > $3)
             ORDER BY event_id
             LIMIT $4",
        )
        .bind(filter.cart)
        .bind(filter.status.map(Status::column))
        .bind(filter.after)
        .bind(filter.limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(entry).collect()
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
        address: email.map(masked),
        language: row.try_get("language")?,
        attempts: row.try_get("attempts")?,
        queued_at: row.try_get("queued_at")?,
        next_attempt: row.try_get("next_attempt")?,
        sent_at: row.try_get("sent_at")?,
        error: row.try_get("error")?,
    })
}
