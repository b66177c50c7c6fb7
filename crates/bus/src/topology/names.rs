//! The names of exchanges and queues.

/// The stream queue that keeps a copy of every event of every service.
pub const EVENT_LOG: &str = "event-log";

/// The exchange of a service's events.
#[must_use]
pub fn exchange_of(service: &str) -> String {
    format!("{service}.events")
}

/// The name of the exchange and the queue of what the broker gave up delivering to a service.
#[must_use]
pub fn dead_letters_of(service: &str) -> String {
    format!("{service}.dead")
}
