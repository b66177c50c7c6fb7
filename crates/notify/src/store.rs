//! All SQL of notify.

mod adopt;
mod history;
mod published_outcomes;
mod queue;
mod queued;
mod quotas;
mod record;
mod retry;
mod shoppers;
mod status;
mod suggestions;
mod suppressions;

use bus::Outbox;
use sqlx::PgPool;

pub use history::{Entry, Filter, Page};
pub use published_outcomes::{PublishedOutcome, settle_as_published, write_published_outcomes};
pub use queue::{MAIL_SERVER, NewMail, queue};
pub use queued::QueuedMail;
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
