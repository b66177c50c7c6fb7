//! Larger batches under load: where more is on its way, a batch is given time to become larger, since the cost of an event
//! falls with the size of its batch.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// A batch of this many shows that more comes.
const BUSY: usize = 4;
/// How many such batches in a row show that it keeps coming. One alone is a burst, and to wait behind a burst would only
/// make late what comes next.
const IN_A_ROW: u32 = 3;

/// Waits where that is worth it.
pub(crate) struct BatchDelay {
    /// A batch of this many can't become larger.
    full: usize,
    pause: Duration,
    busy_in_a_row: u32,
}

impl BatchDelay {
    pub fn new(full: usize, pause: Duration) -> Self {
        Self { full, pause, busy_in_a_row: 0 }
    }

    /// Lets the next batch gather after one of this many, if that is worth it.
    pub async fn wait_after(&mut self, batch: usize, stop: &CancellationToken) {
        if let Some(pause) = self.after(batch) {
            stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    /// How long the next batch may gather. Where there was nothing, nothing has changed.
    fn after(&mut self, batch: usize) -> Option<Duration> {
        if batch == 0 {
            return None;
        }
        self.busy_in_a_row = if batch < BUSY { 0 } else { self.busy_in_a_row.saturating_add(1) };
        (self.busy_in_a_row >= IN_A_ROW && batch < self.full).then_some(self.pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(20);

    /// After which of these batches it waits.
    fn waits(batches: &[usize]) -> Vec<bool> {
        let mut gathering = BatchDelay::new(256, PAUSE);
        batches.iter().map(|batch| gathering.after(*batch) == Some(PAUSE)).collect()
    }

    #[test]
    fn it_waits_under_steady_load() {
        assert_eq!(waits(&[4, 9, 5, 30]), [false, false, true, true]);
    }

    #[test]
    fn a_look_that_finds_nothing_between_two_commits_changes_nothing() {
        assert_eq!(waits(&[16, 0, 16, 0, 16, 0]), [false, false, false, false, true, false]);
    }

    #[test]
    fn it_does_not_wait_behind_a_burst() {
        assert_eq!(waits(&[40, 7, 1, 40, 4, 2]), [false; 6]);
    }

    #[test]
    fn it_does_not_wait_for_more_than_a_batch_can_have() {
        assert_eq!(waits(&[256, 256, 256, 100]), [false, false, false, true]);
    }
}
