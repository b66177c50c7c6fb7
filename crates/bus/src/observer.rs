//! What a consumer tells those who watch it: metrics, demos, tests.

use envelope::Envelope;

/// Told by a consumer what became of the events, after the commit. Must be quick: the consumer waits for it.
pub trait Observer: Send + Sync + 'static {
    /// These were taken; their effects are committed.
    fn taken(&self, _events: &[&Envelope]) {}
    /// So many had been taken before and changed nothing.
    fn duplicates(&self, _number: usize) {}
    /// So many were parked.
    fn parked(&self, _number: usize) {}
}

/// Watches nothing.
impl Observer for () {}
