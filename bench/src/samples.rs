use std::fmt;
use std::time::Duration;

/// Durations that were measured.
#[derive(Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let Some(longest) = sorted.last() else { return write!(f, "none") };
        let at = |per_mille: usize| sorted[(sorted.len() * per_mille / 1000).min(sorted.len() - 1)];
        write!(
            f,
            "{} measured: p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, max {longest:.1?}",
            sorted.len(),
            at(500),
            at(990),
            at(999)
        )
    }
}
