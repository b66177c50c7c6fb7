//! Whether a relay, a consumer, or a service's own task is running, for readiness checks.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::info;

/// What a task reports of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// Not running yet.
    Starting,
    /// Running.
    Up,
    /// Interrupted, and why. It tries again by itself.
    Down(String),
}

/// A task's state, shared by the task and those who watch it.
#[derive(Clone)]
pub struct Health {
    name: Arc<str>,
    state: watch::Sender<HealthState>,
}

impl Health {
    /// Of a task that is starting.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), state: watch::Sender::new(HealthState::Starting) }
    }

    /// The task: `relay`, `consumer`, or one of the service's own.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its state now.
    #[must_use]
    pub fn state(&self) -> HealthState {
        self.state.borrow().clone()
    }

    /// Whether it is running now.
    #[must_use]
    pub fn is_up(&self) -> bool {
        *self.state.borrow() == HealthState::Up
    }

    /// The task reports that it is running.
    pub fn up(&self) {
        let before = self.state.send_replace(HealthState::Up);
        if before != HealthState::Up {
            info!(role = %self.name, "running");
        }
    }

    /// The task reports that it is interrupted. Returns whether it was not down before.
    #[allow(clippy::must_use_candidate, reason = "only those who also log it need the answer")]
    pub fn down(&self, reason: &str) -> bool {
        !matches!(self.state.send_replace(HealthState::Down(reason.to_owned())), HealthState::Down(_))
    }
}
