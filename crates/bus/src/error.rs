//! What can go wrong in delivery itself, and how a handler says what to do about its own failures.

/// Why a relay's or a consumer's session ended. All of these are tried again.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// RabbitMQ or the way to it.
    #[error("the broker: {0}")]
    Broker(#[from] lapin::Error),
    /// PostgreSQL or the way to it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// An exchange or a queue that `topology` should have declared.
    #[error("{0} is missing on the broker: run `topology`")]
    Missing(String),
    /// Found while there was nothing to publish.
    #[error("the connection to the broker was lost")]
    Disconnected,
    /// No confirm in time: the connection may be half open.
    #[error("the broker did not confirm in time")]
    Unconfirmed,
    /// During a memory or disk alarm.
    #[error("the broker blocks publishers: does it have an alarm?")]
    Blocked,
    /// No answer in time: the connection may be half open.
    #[error("the database did not answer in time")]
    Silent,
    /// A message came back: the exchange has no queue.
    #[error("no queue is bound to the exchange for {0}: run `topology`")]
    Unroutable(String),
    /// The broker confirms events that the event log does not get.
    #[error("'event-log' does not get what is published: is it bound to the exchange? Run `topology`")]
    NotLogged,
    /// The broker refused a message.
    #[error("the broker refused a message of type {0}")]
    Refused(String),
    /// The broker ended the subscription, for example because the queue was deleted.
    #[error("the broker ended the subscription")]
    Unsubscribed,
    /// A fifth of several batches in a row failed: not the events are at fault.
    #[error(
        "the handler fails at a fifth of the events: nothing is taken until it handles those again that it failed at \
         (see the parked events)"
    )]
    HandlerAtFault,
    /// The event log no longer has what is to be read of it.
    #[error(
        "the event log begins {begins}, but is to be read from {since}: what lies between is lost to this service. \
         Restore its database from a backup, or tell it to begin where the log begins"
    )]
    LogTooShort {
        /// From when it is to be read.
        since: String,
        /// When its first event happened.
        begins: String,
    },
    /// Somebody began to rebuild the service's projection and did not finish.
    #[error("a rebuild of this service was begun and not finished: run it again")]
    RebuildUnfinished,
}

/// What a handler makes of a failure: the retry decision is part of the error.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing is wrong with the events: the database is away, or two transactions got in each other's way. The same
    /// events are tried again until it works.
    #[error("{0}")]
    Transient(String),
    /// An event can't be handled: a rule refuses it, or its data makes no sense. It is parked.
    #[error("{0}")]
    Permanent(String),
}

impl Failure {
    /// A failure that another try would not mend.
    pub fn permanent(reason: impl std::fmt::Display) -> Self {
        Self::Permanent(reason.to_string())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_transient(&error) {
            Self::Transient(error.to_string())
        } else {
            Self::Permanent(error.to_string())
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Permanent(error.to_string())
    }
}

impl From<crate::outbox::OutboxError> for Failure {
    fn from(error: crate::outbox::OutboxError) -> Self {
        match error {
            crate::outbox::OutboxError::Database(error) => error.into(),
            error @ crate::outbox::OutboxError::Event(_) => Self::Permanent(error.to_string()),
        }
    }
}

/// Whether the same statement may well succeed later: the database is away, busy, stopping, or another transaction
/// was in the way.
#[must_use]
pub fn is_transient(error: &sqlx::Error) -> bool {
    use sqlx::Error as E;
    match error {
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => true,
        E::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
        _ => false,
    }
}

/// PostgreSQL's error codes, appendix A: connection trouble (08), serialisation failure and deadlock (40), out of
/// resources (53), operator intervention (57), system errors (58), lock not available (55P03), idle session ended
/// (25P03), read-only because it is a standby now (25006).
fn is_transient_code(code: &str) -> bool {
    ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class))
        || ["55P03", "25P03", "25006"].contains(&code)
}
