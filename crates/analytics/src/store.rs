//! All SQL of analytics.

mod active;
mod counted_events;
mod envelopes;
mod envelopes_read;
mod figures;
mod figures_read;
mod partitions;
mod progress;
mod pruning;

use sqlx::PgPool;

pub use active::{Active, COUNTING_LOCK};
pub use counted_events::Taken;
pub use envelopes_read::{EventFilter, FoundEvent};
pub use figures_read::{FigureRow, TopProduct};
pub use progress::Progress;

/// What is read of figures and events, and what is too old.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// In this database.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}
