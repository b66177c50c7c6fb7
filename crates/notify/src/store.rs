//! All SQL of notify.

mod enqueue;
mod erasure;
mod giving_up;
mod history;
mod older_release;
mod published_outcomes;
mod queued_mails;
mod quotas;
mod record;
mod retry;
mod shoppers;
mod status;
mod suggestions;
mod suppressions;

use bus::Outbox;
use sqlx::PgPool;

pub use enqueue::{MAIL_SERVER, NewMail, queue};
pub use history::{Entry, Filter, Page};
pub use published_outcomes::{PublishedOutcome, settle_as_published, write_published_outcomes};
pub use queued_mails::QueuedMail;
pub use quotas::grant;
pub use retry::Retried;
pub use shoppers::{Recipient, recipients, write_recipients};
pub use status::Status;
pub use suggestions::write_suggestions;
pub use suppressions::{SuppressedAddress, SuppressedBy, suppressed};

/// The mails in the database.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    outbox: Outbox,
}

impl Store {
    /// Events about mails go through `outbox`.
    pub fn new(pool: PgPool, outbox: Outbox) -> Self {
        Self { pool, outbox }
    }
}
