//! The names of exchanges and queues. An aggregate's exchange has the name of the aggregate.

/// The stream queue that keeps a copy of every event of every service.
pub const EVENT_LOG: &str = "event-log";

/// The name of the exchange and the queue for messages that the broker gave up delivering to a service.
#[must_use]
pub fn dead_letters_of(service: &str) -> String {
    format!("{service}.dead")
}
