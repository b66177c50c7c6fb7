//! How long a session waits for a broker that does not answer at all.
//!
//! What it has published is published again on the next connection: so each session that ended in this way is followed by
//! one that waits twice as long.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const LONGEST: Duration = Duration::from_mins(15);

/// Outlives sessions.
#[derive(Debug, Default)]
pub(crate) struct ConfirmBackoff {
    /// How many sessions in a row got no confirm.
    sessions: AtomicU32,
}

impl ConfirmBackoff {
    /// How long the next session waits.
    pub fn timeout(&self, first: Duration) -> Duration {
        let doubled = 2_u32.saturating_pow(self.sessions.load(Ordering::Relaxed).min(20));
        first.saturating_mul(doubled).min(LONGEST.max(first))
    }

    pub fn grow(&self) {
        self.sessions.fetch_add(1, Ordering::Relaxed);
    }

    pub fn reset(&self) {
        self.sessions.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_without_an_answer_waits_twice_as_long_up_to_a_limit() {
        let (backoff, seconds) = (ConfirmBackoff::default(), Duration::from_secs);
        let mut waits = Vec::new();
        for _ in 0..7 {
            waits.push(backoff.timeout(seconds(30)));
            backoff.grow();
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900].map(seconds));
        backoff.reset();
        assert_eq!(backoff.timeout(seconds(30)), seconds(30));
        assert_eq!(backoff.timeout(seconds(3600)), seconds(3600));
    }
}
