//! When the last numbers of ended subjects are deleted.

use std::time::{Duration, Instant};

use crate::error::BusError;
use crate::relay::rows::Rows;

const PRUNE: Duration = Duration::from_mins(1);

/// The subjects of which nothing more is published.
pub(super) struct EndedSubjects {
    kept: Duration,
    next: Instant,
}

impl EndedSubjects {
    pub fn kept_for(kept: Duration) -> Self {
        Self { kept, next: Instant::now() }
    }

    /// Deletes the numbers of some that ended long ago, a minute after the last that there were, and at once while there are
    /// more.
    pub async fn prune(&mut self, rows: &mut Rows) -> Result<(), BusError> {
        if self.next <= Instant::now() && rows.prune_numbers(self.kept).await? == 0 {
            self.next = Instant::now() + PRUNE;
        }
        Ok(())
    }
}
