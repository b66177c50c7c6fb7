//! All SQL of notify.

mod claim;
mod history;
mod queue;
mod record;
mod shoppers;
mod status;
mod suggestions;

use bus::Outbox;
use sqlx::PgPool;

pub use claim::ClaimedMail;
pub use history::{Entry, Filter};
pub use queue::{NewMail, queue};
pub use record::Attempt;
pub use shoppers::{Recipient, recipients, write_recipients};
pub use status::Status;
pub use suggestions::write_suggestions;

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
