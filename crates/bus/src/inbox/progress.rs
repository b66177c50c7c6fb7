//! How far the service as a whole has come, by its positions.

use chrono::{DateTime, Utc};

/// How far the service has come; the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// It has taken nothing yet.
    Nothing,
    /// It has taken something, but nobody wrote down when that happened.
    Unknown,
    /// When the youngest event happened that it took.
    Until(DateTime<Utc>),
}

impl Progress {
    /// As the database has it.
    pub fn from_columns(is_new: bool, until: Option<DateTime<Utc>>) -> Self {
        match (is_new, until) {
            (true, _) => Self::Nothing,
            (false, None) => Self::Unknown,
            (false, Some(until)) => Self::Until(until),
        }
    }
}
