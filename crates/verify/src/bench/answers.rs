use std::time::Duration;

use super::requests::Answer;
use crate::latency::Latencies;

/// What some additions were answered.
pub struct Answers {
    pub all: Vec<Answer>,
    /// How long there were requests.
    pub took: Duration,
}

impl Answers {
    /// Additions a second while there were requests.
    pub fn per_second(&self) -> f64 {
        self.per_second_of(self.took)
    }

    /// Additions a second of this time.
    #[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
    pub fn per_second_of(&self, time: Duration) -> f64 {
        self.all.len() as f64 / time.as_secs_f64()
    }

    /// How long each took.
    pub fn latencies(&self) -> Latencies {
        self.all.iter().map(|answer| answer.took).collect()
    }
}
