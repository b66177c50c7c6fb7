//! Whether a relay, a consumer, or a service's own task is running, for readiness checks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::info;

/// What a task reports about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// Not running yet.
    Starting,
    /// Taking what its queue missed from the event log.
    CatchingUp,
    /// Running.
    Up,
    /// Ready to take over from another instance's, which is the active one.
    Standby,
    /// Interrupted, and why. It tries again by itself.
    Down(String),
}

/// A task's state, shared by the task and those who watch it.
#[derive(Clone)]
pub struct Health {
    name: Arc<str>,
    state: watch::Sender<HealthState>,
    /// While there is work: when it last made progress.
    progress: Arc<Mutex<Option<Instant>>>,
}

impl Health {
    /// The health of a task that is starting.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), state: watch::Sender::new(HealthState::Starting), progress: Arc::default() }
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

    /// Whether it is running now, or ready to take over.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(*self.state.borrow(), HealthState::Up | HealthState::Standby)
    }

    /// The task reports that it is running.
    pub fn up(&self) {
        let before = self.state.send_replace(HealthState::Up);
        if before != HealthState::Up {
            info!(role = %self.name, "running");
        }
    }

    /// The task reports that it is ready to take over.
    pub(crate) fn standby(&self) {
        self.state
            .send_if_modified(|state| std::mem::replace(state, HealthState::Standby) != HealthState::Standby);
    }

    /// The task reports that it is catching up. The reason why that last failed stays visible until it succeeds.
    pub(crate) fn catching_up(&self) {
        self.state.send_if_modified(|state| {
            let failed = matches!(state, HealthState::Down(_));
            if !failed {
                *state = HealthState::CatchingUp;
            }
            !failed
        });
    }

    /// The task reports that it is interrupted. Returns whether it was not down before.
    #[allow(clippy::must_use_candidate, reason = "only those who also log it need the answer")]
    pub fn down(&self, reason: &str) -> bool {
        !matches!(self.state.send_replace(HealthState::Down(reason.to_owned())), HealthState::Down(_))
    }

    /// The task reports that there is work, starting now unless it has reported that before.
    pub fn busy(&self) {
        self.progress().get_or_insert_with(Instant::now);
    }

    /// The task reports that some of its work is done, and more is left.
    pub fn progressed(&self) {
        *self.progress() = Some(Instant::now());
    }

    /// The task reports that there is nothing left to do.
    pub fn idle(&self) {
        *self.progress() = None;
    }

    /// For how long there has been work without any progress. A task that hangs can't report that; this shows it.
    #[must_use]
    pub fn without_progress(&self) -> Duration {
        self.progress().map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn progress(&self) -> MutexGuard<'_, Option<Instant>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_work_that_makes_no_progress_counts() {
        let health = Health::new("consumer");
        assert_eq!(health.without_progress(), Duration::ZERO);
        let long_ago = Instant::now().checked_sub(Duration::from_mins(1));
        *health.progress() = long_ago;
        health.busy();
        assert!(health.without_progress() >= Duration::from_mins(1), "it was busy before");
        health.progressed();
        assert!(health.without_progress() < Duration::from_mins(1));
        *health.progress() = long_ago;
        health.idle();
        assert_eq!(health.without_progress(), Duration::ZERO);
    }
}
