//! What a relay does that is not the active one: it sees to it that the active one is not hanging.

use std::time::{Duration, Instant};

use crate::error::BusError;
use crate::health::Health;
use crate::relay::rows::Rows;

const LOOK: Duration = Duration::from_secs(5);

/// What was first in the outbox at the last look.
#[derive(Default)]
pub(super) struct Standby {
    first: Option<i64>,
    looked: Option<Instant>,
}

impl Standby {
    /// Looks now and then whether the outbox moves. As long as it does not, the service's events make no progress, and this
    /// relay's health says so just as that of the active one.
    pub async fn watch(&mut self, rows: &mut Rows, health: &Health) -> Result<(), BusError> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
            self.looked = Some(Instant::now());
            self.note(rows.first_due().await?, health);
        }
        Ok(())
    }

    fn note(&mut self, first: Option<i64>, health: &Health) {
        match first {
            None => health.idle(),
            Some(_) if first == self.first => health.busy(),
            Some(_) => health.progressed(),
        }
        self.first = first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_outbox_that_does_not_move_makes_no_progress() {
        let (health, mut standby) = (Health::new("relay"), Standby::default());
        let mut without_progress = async |first| {
            standby.note(first, &health);
            tokio::time::sleep(Duration::from_millis(2)).await;
            health.without_progress()
        };
        assert!(without_progress(Some(7)).await < without_progress(Some(7)).await);
        let stuck = without_progress(Some(7)).await;
        assert!(without_progress(Some(8)).await < stuck, "it has moved");
        assert_eq!(without_progress(None).await, Duration::ZERO, "there is nothing to do");
    }
}
