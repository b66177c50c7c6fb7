//! Shoppers and mails in the database.

mod history;
mod intake;
mod outgoing;

use std::time::Duration;

use bus::Outbox;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::delivery::Outcome;
use crate::mail::Addition;

pub use history::{Entry, Filter};
pub use intake::{Recipient, queue, recipients, remember, suggest};

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It will be sent.
    Queued,
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good, or did not take it however often it was asked.
    Failed,
    /// The cart had no shopper to write to.
    Unaddressed,
}

impl Status {
    const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Failed, Self::Unaddressed];

    fn column(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unaddressed => "unaddressed",
        }
    }

    fn read(column: &str) -> sqlx::Result<Self> {
        let known = Self::ALL.into_iter().find(|status| status.column() == column);
        known.ok_or_else(|| sqlx::Error::Decode(format!("unknown status {column:?}").into()))
    }
}

/// The service's own tables.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    outbox: Outbox,
}

/// An addition to a cart on its way into the queue.
pub struct NewMail<'a> {
    /// The event that it comes from.
    pub event: &'a envelope::Envelope,
    /// The event's data.
    pub item: events::cart::ItemAdded,
    /// Nobody: it is only counted.
    pub recipient: Option<Recipient>,
}

/// A queued mail in the hands of the sender that claimed it. Not to be logged.
pub struct Claimed {
    /// The addition that it tells of.
    pub event_id: Uuid,
    /// What was added.
    pub addition: Addition,
    /// The shopper's address.
    pub email: String,
    /// The shopper's language, as a BCP 47 tag.
    pub language: String,
    /// How often it was tried before.
    pub attempts: i32,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    lease: DateTime<Utc>,
}

/// What came of a claimed mail.
pub struct Attempted {
    /// The mail.
    pub mail: Claimed,
    /// What came of it.
    pub outcome: Outcome,
}

impl Store {
    /// Events about mails go through `outbox`.
    pub fn new(pool: PgPool, outbox: Outbox) -> Self {
        Self { pool, outbox }
    }
}

/// For PostgreSQL's `make_interval(secs => …)`.
fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
