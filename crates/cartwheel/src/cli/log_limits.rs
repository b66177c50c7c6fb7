//! How much the event log keeps, as settings.

use std::time::Duration;

use clap::Args;

/// How much the event log keeps.
#[derive(Args, Clone, Copy, Debug)]
pub struct LogLimits {
    /// Maximum size of the event log, in GiB; the oldest events are dropped beyond it
    #[arg(long, env = "CARTWHEEL_EVENT_LOG_MAX_GIB", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..1_000_000))]
    pub event_log_max_gib: u64,

    /// Maximum age of the events in the event log, in days
    #[arg(long, env = "CARTWHEEL_EVENT_LOG_MAX_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..10_000))]
    pub event_log_max_days: u64,
}

impl LogLimits {
    /// As the topology wants it.
    #[must_use]
    pub fn retention(self) -> bus::LogRetention {
        bus::LogRetention {
            max_bytes: self.event_log_max_gib << 30,
            max_age: Duration::from_hours(24 * self.event_log_max_days),
        }
    }
}
