use chrono::{DateTime, Utc};

/// A timer whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DueTimer {
    /// What to do.
    pub kind: String,
    /// With what.
    pub key: String,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// Which setting of the timer this is.
    pub(crate) setting: i64,
    /// How often it was tried before, including failures.
    pub(crate) attempts: i32,
    /// Whether the process may have ended in its last attempt.
    pub(crate) crashed: bool,
}
