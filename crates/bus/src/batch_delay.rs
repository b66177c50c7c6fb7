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
    pause: Pause,
    busy_in_a_row: u32,
}

/// How long the next batch gathers.
#[derive(Clone, Copy)]
pub(crate) struct Pause {
    /// For each event of the batch before it: what comes seldom would gain little, and be late.
    pub per_event: Duration,
    pub longest: Duration,
}

impl BatchDelay {
    pub fn new(full: usize, pause: Pause) -> Self {
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
        let gathers = self.busy_in_a_row >= IN_A_ROW && batch < self.full;
        gathers.then(|| self.pause.after(batch))
    }
}

impl Pause {
    fn after(self, batch: usize) -> Duration {
        let events = u32::try_from(batch).unwrap_or(u32::MAX);
        self.per_event.saturating_mul(events).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Pause = Pause { per_event: Duration::from_micros(500), longest: Duration::from_millis(20) };

    fn pauses(batches: &[usize]) -> Vec<Option<Duration>> {
        let mut gathering = BatchDelay::new(256, PAUSE);
        batches.iter().map(|batch| gathering.after(*batch)).collect()
    }

    /// After which of these batches it waits.
    fn waits(batches: &[usize]) -> Vec<bool> {
        pauses(batches).iter().map(Option::is_some).collect()
    }

    #[test]
    fn it_waits_the_longer_the_more_comes() {
        let waits: Vec<u128> =
            pauses(&[8, 8, 8, 30, 39, 200]).iter().flatten().map(Duration::as_micros).collect();
        assert_eq!(waits, [4_000, 15_000, 19_500, 20_000]);
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
