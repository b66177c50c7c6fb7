//! Wakes the sender when mails were queued by this process.

use std::sync::Arc;

use bus::Observer;
use envelope::Envelope;
use tokio::sync::Notify;

/// Signals that mails may have been queued.
#[derive(Clone, Default)]
pub struct NewMailSignal(Arc<Notify>);

impl NewMailSignal {
    /// Waits for the signal; returns at once if it was given since the last call.
    pub async fn received(&self) {
        self.0.notified().await;
    }
}

/// An observer is called after the commit. A handler could only signal mails that nobody can see yet.
impl Observer for NewMailSignal {
    fn taken(&self, _events: &[&Envelope]) {
        self.0.notify_one();
    }
}
