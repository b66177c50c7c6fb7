//! When EASE^R is solved: now and then, on a thread of its own.

use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Instant;

use crate::model::{EaseWeights, GramMatrix};

/// Has EASE^R solved, once at a time.
pub struct EaseSchedule {
    every: Option<Duration>,
    next: Instant,
    /// What had been learned when solving began the last time.
    solved_upto: i64,
    running: Option<JoinHandle<Option<EaseWeights>>>,
}

impl EaseSchedule {
    /// Solving at this interval; never, if there is none.
    pub fn every(every: Option<Duration>) -> Self {
        Self { every, next: Instant::now(), solved_upto: -1, running: None }
    }

    /// Whether it is time to solve for what has been learned up to this change.
    pub fn is_due(&self, learned_upto: i64) -> bool {
        self.every.is_some()
            && self.running.is_none()
            && learned_upto != self.solved_upto
            && Instant::now() >= self.next
    }

    /// Begins to solve for what has been learned up to this change.
    pub fn begin(&mut self, matrix: GramMatrix, learned_upto: i64) {
        self.running = Some(spawn_blocking(|| matrix.solve()));
        self.solved_upto = learned_upto;
        self.next = Instant::now() + self.every.unwrap_or_default();
    }

    /// The weights, once solving has finished.
    ///
    /// # Errors
    /// When the solver panicked.
    pub async fn finished(&mut self) -> anyhow::Result<Option<EaseWeights>> {
        match self.running.take_if(|running| running.is_finished()) {
            Some(running) => Ok(running.await?),
            None => Ok(None),
        }
    }
}
