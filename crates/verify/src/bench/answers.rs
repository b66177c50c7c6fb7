use std::time::Duration;

use super::figure::Figure;
use super::requests::Answer;
use crate::latency::Latencies;

/// What some additions were answered.
pub struct Answers {
    pub all: Vec<Answer>,
    /// How long there were requests.
    pub took: Duration,
    /// How many requests were repeated, because they could not be done at once.
    pub repeated: usize,
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

    /// How long each took; and how many had to be repeated, if any.
    #[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
    pub fn figures(&self, what: &str) -> Vec<Figure> {
        let latencies: Latencies = self.all.iter().map(|answer| answer.took).collect();
        let mut figures = Figure::percentiles(what, &latencies);
        if self.repeated > 0 {
            let share = self.repeated as f64 / self.all.len() as f64;
            figures.push(Figure::new(format!("{what}: 503, and repeated, of a thousand"), 1, share * 1000.0));
        }
        figures
    }
}
