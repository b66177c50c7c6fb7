//! Wakes the caller when calls were placed by this process.

use std::sync::Arc;

use bus::Observer;
use envelope::Envelope;
use tokio::sync::Notify;

/// Signals that calls may have been placed.
#[derive(Clone, Default)]
pub struct WakeUp(Arc<Notify>);

impl WakeUp {
    /// Gives the signal; to be called after the commit.
    pub fn give(&self) {
        self.0.notify_one();
    }

    /// Waits for the signal; returns at once if it was given since the last call.
    pub(super) async fn received(&self) {
        self.0.notified().await;
    }
}

/// An observer is called after the commit. A handler could only signal calls that nobody can see yet.
impl Observer for WakeUp {
    fn taken(&self, _events: &[&Envelope]) {
        self.give();
    }
}
