//! How a handler says what to do about its own failures.

use std::error::Error;

use crate::outbox::error::OutboxError;
use crate::sql_error_kind::SqlErrorKind;

/// What caused a [`Failure`]: an error, or a message that `into` has turned into one.
type BoxError = Box<dyn Error + Send + Sync>;

/// A handler's failure: the retry decision is part of the error.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing is wrong with the events: the database is down, or two transactions got in each other's way. The same events
    /// are tried again until it works.
    #[error("{0}")]
    Transient(#[source] BoxError),
    /// An event can't be handled: a rule refuses it, or its data makes no sense. It is parked.
    #[error("{0}")]
    Permanent(#[source] BoxError),
    /// It isn't clear what is at fault: the work took too long, or code and database don't match. An event is parked if it
    /// fails alone while others succeed; if all fail, they are tried again.
    #[error("{0}")]
    Unclear(#[source] BoxError),
}

impl Failure {
    /// A failure that another attempt may not have.
    pub fn transient(cause: impl Into<BoxError>) -> Self {
        Self::Transient(cause.into())
    }

    /// A failure whose cause may be the events or the circumstances.
    pub fn unclear(cause: impl Into<BoxError>) -> Self {
        Self::Unclear(cause.into())
    }

    /// A failure that another attempt would not fix.
    pub fn permanent(cause: impl Into<BoxError>) -> Self {
        Self::Permanent(cause.into())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match SqlErrorKind::of(&error) {
            SqlErrorKind::Data => Self::permanent(error),
            SqlErrorKind::Limit | SqlErrorKind::Schema => Self::unclear(error),
            SqlErrorKind::Outage => Self::transient(error),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::permanent(error)
    }
}

impl From<OutboxError> for Failure {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::Database(error) => error.into(),
            error => Self::permanent(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_keeps_its_source_and_reads_as_the_source_does() {
        let failure = Failure::from(sqlx::Error::PoolTimedOut);
        assert!(matches!(failure, Failure::Transient(_)));
        assert_eq!(failure.to_string(), sqlx::Error::PoolTimedOut.to_string());
        let source = failure.source().and_then(|source| source.downcast_ref::<sqlx::Error>());
        assert!(matches!(source, Some(sqlx::Error::PoolTimedOut)));
    }

    #[test]
    fn a_sentence_is_a_cause_too() {
        let failure = Failure::permanent("an order without an amount");
        assert!(matches!(failure, Failure::Permanent(_)));
        assert_eq!(failure.to_string(), "an order without an amount");
    }
}
