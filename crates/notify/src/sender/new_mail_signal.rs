//! Wakes the sender when mails were queued.

use std::sync::Arc;

use bus::Observer;
use envelope::Envelope;
use tokio::sync::Notify;

/// The sender's bell.
#[derive(Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Returns at once when it rang since the last time.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}

/// An observer is told after the commit; a handler could only tell of mails that nobody can see yet.
impl Observer for Wake {
    fn taken(&self, _events: &[&Envelope]) {
        self.0.notify_one();
    }
}
