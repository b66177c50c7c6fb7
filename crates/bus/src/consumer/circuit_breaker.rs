//! Distinguishes failing events from a failing handler: opens when too many fail for the events to be the cause.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A fifth of a batch.
const SHARE: usize = 5;
/// This many batches in a row, with this many failures together, are no coincidence.
const BATCHES: usize = 3;
const FAILURES: usize = 10;

/// Counts the latest batches in a row of which at least a fifth failed. Outlives sessions: a reconnection fixes no
/// handler.
#[derive(Default)]
pub(crate) struct CircuitBreaker(Mutex<Streak>);

#[derive(Clone, Copy, Default)]
struct Streak {
    batches: usize,
    failures: usize,
}

impl CircuitBreaker {
    /// Notes how many events of a batch were tried, and how many of them failed.
    pub fn note(&self, tried: usize, failed: usize) {
        if tried == 0 {
            return;
        }
        let mut streak = self.streak();
        if failed * SHARE < tried {
            *streak = Streak::default();
        } else {
            streak.batches += 1;
            streak.failures += failed;
        }
    }

    /// Whether the handler is at fault, rather than the events. Then parking them would park the whole queue.
    pub fn is_open(&self) -> bool {
        let streak = self.streak();
        streak.batches >= BATCHES && streak.failures >= FAILURES
    }

    /// The handler takes events again.
    pub fn close(&self) {
        *self.streak() = Streak::default();
    }

    fn streak(&self) -> MutexGuard<'_, Streak> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_several_batches_in_a_row_opens_it() {
        let breaker = CircuitBreaker::default();
        for _ in 0..2 {
            breaker.note(100, 20);
        }
        assert!(!breaker.is_open());
        breaker.note(0, 0);
        breaker.note(100, 20);
        assert!(breaker.is_open());
        breaker.close();
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_batch_that_goes_well_ends_the_streak() {
        let breaker = CircuitBreaker::default();
        for failed in [50, 50, 19, 50, 50] {
            breaker.note(100, failed);
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_few_bad_events_that_come_alone_are_the_events_fault() {
        let breaker = CircuitBreaker::default();
        for _ in 0..9 {
            breaker.note(1, 1);
        }
        assert!(!breaker.is_open());
    }
}
