//! What relays and consumers report, for metrics, demos and tests.

use std::sync::Arc;
use std::time::Duration;

use envelope::Envelope;

/// Is notified of what happened to events, after the commit. It must be quick: relay and consumer wait for it.
pub trait Observer: Send + Sync + 'static {
    /// Events of these types were published and confirmed in one window, which took this long.
    fn published(&self, _types: &[&str], _took: Duration) {}
    /// These events were taken; their effects are committed.
    fn taken(&self, _events: &[&Envelope]) {}
    /// A batch of this many events was handled, which took this long.
    fn handled(&self, _number: usize, _took: Duration) {}
    /// This many events had been taken before and changed nothing.
    fn duplicates(&self, _number: usize) {}
    /// The handler failed at an event of this type; the event is parked, or stays parked.
    fn failed(&self, _kind: &str) {}
    /// This many events were parked.
    fn parked(&self, _number: usize) {}
    /// Timers of a kind fired, this long after they were due; their effects are committed.
    fn timers_fired(&self, _kind: &str, _late: &[Duration]) {}
    /// The handler failed at a timer of this kind, which is retried later or waits for an operator.
    fn timer_failed(&self, _kind: &str) {}
}

/// Ignores everything.
impl Observer for () {}

/// Notifies each of them.
impl Observer for Vec<Arc<dyn Observer>> {
    fn published(&self, types: &[&str], took: Duration) {
        for one in self {
            one.published(types, took);
        }
    }

    fn taken(&self, events: &[&Envelope]) {
        for one in self {
            one.taken(events);
        }
    }

    fn handled(&self, number: usize, took: Duration) {
        for one in self {
            one.handled(number, took);
        }
    }

    fn duplicates(&self, number: usize) {
        for one in self {
            one.duplicates(number);
        }
    }

    fn failed(&self, kind: &str) {
        for one in self {
            one.failed(kind);
        }
    }

    fn parked(&self, number: usize) {
        for one in self {
            one.parked(number);
        }
    }

    fn timers_fired(&self, kind: &str, late: &[Duration]) {
        for one in self {
            one.timers_fired(kind, late);
        }
    }

    fn timer_failed(&self, kind: &str) {
        for one in self {
            one.timer_failed(kind);
        }
    }
}
