use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

/// How much the event log keeps. Whichever limit is reached first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogRetention {
    /// Bytes, of messages with their properties.
    pub max_bytes: u64,
    /// Since an event was published.
    pub max_age: Duration,
}

impl Default for LogRetention {
    /// 4 GiB, and 30 days.
    fn default() -> Self {
        Self { max_bytes: 4 << 30, max_age: Duration::from_secs(30 * DAY) }
    }
}

impl LogRetention {
    /// As the broker wants it: `30D`, `90s`.
    pub(super) fn age(&self) -> String {
        let seconds = self.max_age.as_secs();
        if seconds.is_multiple_of(DAY) { format!("{}D", seconds / DAY) } else { format!("{seconds}s") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_days_are_written_as_days() {
        assert_eq!(LogRetention::default().age(), "30D");
        let odd = LogRetention { max_age: Duration::from_mins(90), ..LogRetention::default() };
        assert_eq!(odd.age(), "5400s");
    }
}
