//! How the delays between the attempts at a failed event grow.

use std::time::Duration;

/// How long after a failure the next attempt comes. After the last one an operator must decide.
const DELAYS: [Duration; 8] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(4),
];
/// After an attempt that may have crashed the process.
pub(crate) const AFTER_CRASH: Duration = Duration::from_secs(1);
/// After an attempt that failed for a reason that is not the event's.
pub(crate) const AFTER_INTERRUPTION: Duration = Duration::from_secs(1);

/// The delay after this many attempts, or `None` when retries are exhausted.
pub(crate) fn after(attempts: i32) -> Option<Duration> {
    let tried = usize::try_from(attempts).unwrap_or(0);
    DELAYS.get(tried.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delays_grow_and_end() {
        let delays: Vec<_> = (1..).map_while(after).collect();
        assert!(delays.is_sorted());
        let (first, last) = (Duration::from_secs(1), Duration::from_hours(4));
        assert_eq!((delays.first(), delays.last(), delays.len()), (Some(&first), Some(&last), 8));
    }
}
