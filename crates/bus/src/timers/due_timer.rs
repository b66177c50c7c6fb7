use chrono::{DateTime, Utc};

/// A timer whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DueTimer {
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub key: String,
    /// When.
    pub due: DateTime<Utc>,
    /// Which setting of the timer this is.
    pub(crate) setting: i64,
    /// How often it was tried before, or failed.
    pub(crate) attempts: i32,
    /// Whether the process may have ended in its last attempt.
    pub(crate) crashed: bool,
}
