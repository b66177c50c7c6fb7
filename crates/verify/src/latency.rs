//! How long things took.

use std::fmt;
use std::time::Duration;

/// Durations, for percentiles.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl FromIterator<Duration> for Latencies {
    fn from_iter<I: IntoIterator<Item = Duration>>(durations: I) -> Self {
        let mut sorted: Vec<Duration> = durations.into_iter().collect();
        sorted.sort_unstable();
        Self(sorted)
    }
}

impl Latencies {
    /// The smallest duration that this percentage of all does not exceed (nearest rank); none without durations.
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        self.per_mille(percent * 10)
    }

    /// The same for parts in a thousand.
    pub fn per_mille(&self, parts: usize) -> Option<Duration> {
        let rank = (self.0.len() * parts).div_ceil(1000);
        self.0.get(rank.saturating_sub(1)).copied()
    }
}

/// A human-readable duration: three digits at most.
pub struct Shown(pub Option<Duration>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(duration) = self.0 else { return f.pad("–") };
        let millis = duration.as_secs_f64() * 1000.0;
        match millis {
            ..10.0 => f.pad(&format!("{millis:.1} ms")),
            ..1000.0 => f.pad(&format!("{millis:.0} ms")),
            _ => f.pad(&format!("{:.1} s", millis / 1000.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(millis: impl IntoIterator<Item = u64>) -> Latencies {
        millis.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let hundred = latencies((1..=100).rev());
        assert_eq!(hundred.percentile(50), Some(Duration::from_millis(50)));
        assert_eq!(hundred.percentile(99), Some(Duration::from_millis(99)));
        assert_eq!(hundred.percentile(100), Some(Duration::from_millis(100)));
        assert_eq!(latencies([7]).percentile(50), Some(Duration::from_millis(7)));
        assert_eq!(latencies([7, 9]).percentile(99), Some(Duration::from_millis(9)));
        assert_eq!(latencies(1..=2000).per_mille(999), Some(Duration::from_millis(1998)));
        assert_eq!(latencies(1..=10).per_mille(999), Some(Duration::from_millis(10)));
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(latencies([]).percentile(50), None);
        assert_eq!(Shown(None).to_string(), "–");
    }

    #[test]
    fn durations_are_shown_in_few_digits() {
        let shown = |micros| Shown(Some(Duration::from_micros(micros))).to_string();
        assert_eq!([shown(1_240), shown(123_400), shown(1_250_000)], ["1.2 ms", "123 ms", "1.2 s"]);
    }
}
