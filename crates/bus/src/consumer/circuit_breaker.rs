//! Tells failing events from a failing handler.

use std::sync::Mutex;
use std::sync::PoisonError;

/// A fifth of a batch.
const SHARE: usize = 5;
/// So many batches in a row, with so many failures together, are no coincidence.
const BATCHES: usize = 3;
const FAILURES: usize = 10;

/// The latest batches in a row of which at least a fifth failed. Outlives sessions: a reconnection mends no handler.
#[derive(Default)]
pub(crate) struct Fault(Mutex<Streak>);

#[derive(Clone, Copy, Default)]
struct Streak {
    batches: usize,
    failures: usize,
}

impl Fault {
    /// Notes how many events of a batch were tried, and how many of them failed.
    pub fn note(&self, tried: usize, failed: usize) {
        if tried == 0 {
            return;
        }
        let mut streak = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed * SHARE < tried {
            *streak = Streak::default();
        } else {
            streak.batches += 1;
            streak.failures += failed;
        }
    }

    /// Whether the handler is at fault, rather than the events. Then parking them would park the whole queue.
    pub fn is_the_handlers(&self) -> bool {
        let streak = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streak.batches >= BATCHES && streak.failures >= FAILURES
    }

    /// The handler takes events again.
    pub fn is_mended(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Streak::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_several_batches_in_a_row_is_the_handlers_fault() {
        let fault = Fault::default();
        for _ in 0..2 {
            fault.note(100, 20);
        }
        assert!(!fault.is_the_handlers());
        fault.note(0, 0);
        fault.note(100, 20);
        assert!(fault.is_the_handlers());
        fault.is_mended();
        assert!(!fault.is_the_handlers());
    }

    #[test]
    fn a_batch_that_goes_well_ends_the_row() {
        let fault = Fault::default();
        for failed in [50, 50, 19, 50, 50] {
            fault.note(100, failed);
        }
        assert!(!fault.is_the_handlers());
    }

    #[test]
    fn a_few_bad_events_that_come_alone_are_the_events_fault() {
        let fault = Fault::default();
        for _ in 0..9 {
            fault.note(1, 1);
        }
        assert!(!fault.is_the_handlers());
    }
}
