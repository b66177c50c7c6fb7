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

/// Tells the sender what it tells the next observer. An observer is told after the commit; a handler could only tell
/// of mails that nobody can see yet.
pub struct Waking {
    /// Whom to wake.
    pub wake: Wake,
    /// Who else is told.
    pub next: Arc<dyn Observer>,
}

impl Observer for Waking {
    fn taken(&self, events: &[&Envelope]) {
        self.wake.0.notify_one();
        self.next.taken(events);
    }

    fn duplicates(&self, number: usize) {
        self.next.duplicates(number);
    }

    fn parked(&self, number: usize) {
        self.next.parked(number);
    }
}
