use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bus::Observer;
use envelope::{Clock, Envelope};
use metrics::{counter, histogram};

use super::metrics::{
    BATCH, DUPLICATES, FAILURES, HANDLING, LATENCY, PUBLISHED, TAKEN, TIMER_FAILURES, TIMER_LATENESS,
    UNREADABLE_ROWS, WINDOWS,
};

/// The most event types with a label of their own. A type comes from outside: without a limit, so could any number of
/// time series.
const TYPES: usize = 100;
const OTHER: &str = "other";

/// Counts what a service's relay and consumer do.
pub struct Metered {
    service: &'static str,
    clock: Clock,
    types: Mutex<BTreeSet<String>>,
}

impl Metered {
    pub fn new(service: &'static str, clock: Clock) -> Self {
        // A counter that is not there yet can't be seen to grow.
        counter!(DUPLICATES.name, "service" => service).absolute(0);
        counter!(UNREADABLE_ROWS.name, "service" => service).absolute(0);
        Self { service, clock, types: Mutex::default() }
    }

    /// The type as a label.
    fn label(&self, event_type: &str) -> String {
        let mut types = self.types.lock().unwrap_or_else(PoisonError::into_inner);
        if types.contains(event_type) || (types.len() < TYPES && types.insert(event_type.to_owned())) {
            event_type.to_owned()
        } else {
            OTHER.to_owned()
        }
    }
}

impl Observer for Metered {
    fn published(&self, types: &[&str], took: Duration) {
        let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
        for kind in types {
            *numbers.entry(kind).or_default() += 1;
        }
        for (kind, number) in numbers {
            counter!(PUBLISHED.name, "service" => self.service, "type" => self.label(kind)).increment(number);
        }
        histogram!(WINDOWS.name, "service" => self.service).record(took);
    }

    fn taken(&self, events: &[&Envelope]) {
        let now = self.clock.now();
        let mut latencies: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for event in events {
            // Two machines' clocks may differ by more than the event took.
            let latency = (now - event.time).to_std().unwrap_or_default();
            latencies.entry(&event.kind).or_default().push(latency.as_secs_f64());
        }
        for (kind, latencies) in latencies {
            let kind = self.label(kind);
            let taken = counter!(TAKEN.name, "service" => self.service, "type" => kind.clone());
            taken.increment(latencies.len() as u64);
            let latency = histogram!(LATENCY.name, "service" => self.service, "type" => kind);
            for seconds in latencies {
                latency.record(seconds);
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a batch is small")]
    fn handled(&self, number: usize, took: Duration) {
        histogram!(BATCH.name, "service" => self.service).record(number as f64);
        histogram!(HANDLING.name, "service" => self.service).record(took);
    }

    fn duplicates(&self, number: usize) {
        counter!(DUPLICATES.name, "service" => self.service).increment(number as u64);
    }

    fn failed(&self, kind: &str) {
        counter!(FAILURES.name, "service" => self.service, "type" => self.label(kind)).increment(1);
    }

    // The kinds of timers are those of the program.
    fn timers_fired(&self, kind: &str, late: &[Duration]) {
        let lateness = histogram!(TIMER_LATENESS.name, "service" => self.service, "kind" => kind.to_owned());
        for late in late {
            lateness.record(*late);
        }
    }

    fn timer_failed(&self, kind: &str) {
        counter!(TIMER_FAILURES.name, "service" => self.service, "kind" => kind.to_owned()).increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_limited_number_of_types_get_a_label() {
        let metered = Metered::new("orders", Clock::system());
        for number in 0..TYPES {
            let kind = format!("shop.event-{number}.v1");
            assert_eq!(metered.label(&kind), kind);
        }
        assert_eq!(metered.label("shop.one-too-many.v1"), OTHER);
        assert_eq!(metered.label("shop.event-7.v1"), "shop.event-7.v1", "a known one stays known");
    }
}
