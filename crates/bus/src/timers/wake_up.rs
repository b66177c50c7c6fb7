//! Wakes the runner of this process when a timer is due before it would look by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// For timers that other processes have set. This process's own wake the runner.
pub(super) const POLL: Duration = Duration::from_secs(1);

/// Shared by those who set timers, those who commit, and the runner.
#[derive(Debug, Default)]
pub(crate) struct WakeUp {
    /// Whether a timer was set, in a transaction that may not be committed yet, that is due within moments.
    is_soon: AtomicBool,
    committed: Notify,
}

impl WakeUp {
    /// A timer was set that is due within moments.
    pub fn note_soon(&self) {
        self.is_soon.store(true, Ordering::Release);
    }

    /// A transaction was committed. Should it be another one than that which has set the timer, the runner finds it by
    /// polling.
    pub fn committed(&self) {
        if self.is_soon.swap(false, Ordering::AcqRel) {
            self.committed.notify_one();
        }
    }

    pub async fn woken(&self) {
        self.committed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_commit_wakes_it_only_if_something_is_due_soon() {
        let wake_up = WakeUp::default();
        wake_up.committed();
        assert!(wake_up.woken().now_or_never().is_none());
        wake_up.note_soon();
        assert!(wake_up.woken().now_or_never().is_none(), "not before the commit");
        wake_up.committed();
        assert!(wake_up.woken().now_or_never().is_some());
        wake_up.committed();
        assert!(wake_up.woken().now_or_never().is_none(), "once");
    }
}
