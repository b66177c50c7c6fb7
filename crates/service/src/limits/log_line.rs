use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const INTERVAL: Duration = Duration::from_secs(1);

/// A log line that others cause and that must not fill the log: once in a second at most.
#[derive(Default)]
pub struct LogLine(Mutex<(Option<Instant>, u64)>);

impl LogLine {
    /// Whether it is time for the line, and how many weren't said since the last one.
    pub fn is_due(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, unsaid) = *state;
        let is_due = last.is_none_or(|last| now >= last + INTERVAL);
        *state = if is_due { (Some(now), 0) } else { (last, unsaid + 1) };
        is_due.then_some(unsaid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_many_it_stands_for() {
        let (line, now) = (LogLine::default(), Instant::now());
        assert_eq!(line.is_due(now), Some(0));
        assert_eq!(line.is_due(now), None);
        assert_eq!(line.is_due(now), None);
        assert_eq!(line.is_due(now + INTERVAL), Some(2));
    }
}
