use chrono::{DateTime, TimeDelta, Utc};

/// The source of the time. Code that needs the time is handed one, so that a test can turn it; nothing else reads the
/// machine's clock.
///
/// What several instances must agree on (due times, leases, retries) is decided by the database's clock instead.
///
/// ```
/// use chrono::TimeDelta;
/// use cartwheel_envelope::Clock;
///
/// let tomorrow = Clock::ahead_by(TimeDelta::days(1));
/// assert!(tomorrow.now() > Clock::system().now());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    ahead: TimeDelta,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that is ahead of the machine's, or behind it if `ahead` is negative.
    #[must_use]
    pub fn ahead_by(ahead: TimeDelta) -> Self {
        Self { ahead }
    }

    /// The time, in UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.ahead
    }
}
