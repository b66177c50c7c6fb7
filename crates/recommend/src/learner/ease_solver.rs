//! When the quality tier is solved: now and then, beside everything else.

use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use super::Learner;
use crate::model::{Gram, Quality, SOLVED_PRODUCTS};

/// Solves one after the other.
pub struct Solver {
    every: Option<Duration>,
    next: Instant,
    /// What was learned when the last one began.
    solved: i64,
    running: Option<JoinHandle<Option<Quality>>>,
}

impl Solver {
    pub fn every(every: Option<Duration>) -> Self {
        Self { every, next: Instant::now(), solved: -1, running: None }
    }

    fn is_due(&self, learned: i64) -> bool {
        self.every.is_some()
            && self.running.is_none()
            && learned != self.solved
            && Instant::now() >= self.next
    }
}

impl Learner {
    /// Takes what was solved, or has it solved if it is time.
    pub(super) async fn improve(&mut self) -> anyhow::Result<()> {
        if self.solver.running.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(running) = self.solver.running.take()
            && let Some(quality) = running.await?
        {
            self.model.improve(quality);
        }
        if self.solver.is_due(self.learned.upto) {
            // The sums are read while nothing is learned, for a moment; solving takes seconds and needs them no more.
            let gram = self.with_model(|model| Gram::of(model.statistics(), SOLVED_PRODUCTS)).await?;
            self.solver.running = Some(spawn_blocking(|| gram.solve()));
            self.solver.solved = self.learned.upto;
            self.solver.next = Instant::now() + self.solver.every.unwrap_or_default();
        }
        Ok(())
    }
}
