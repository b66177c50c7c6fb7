//! What can go wrong in delivery itself.

use crate::inbox::interrupted::Interrupted;

/// Why a relay's or a consumer's session ended. All of these are tried again.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// RabbitMQ or the connection to it.
    #[error("the broker: {0}")]
    Broker(#[from] lapin::Error),
    /// PostgreSQL or the connection to it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// A batch of events could not be taken, for a reason that is not an event's.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// An exchange or a queue that `topology` should have declared.
    #[error("{0} is missing on the broker: run `topology`")]
    Missing(String),
    /// Found while there was nothing to publish.
    #[error("the connection to the broker was lost")]
    Disconnected,
    /// No confirm in time: the connection may be half open.
    #[error("the broker did not confirm in time")]
    Unconfirmed,
    /// The broker answers, and has routed these events, but one of the queues behind the exchange hasn't received them.
    #[error(
        "the broker answers, but {events} events published to {exchanges} have waited for its confirms for \
         {seconds} s{stopped}: is a queue bound to it without its quorum? `cartwheel doctor` names it"
    )]
    WithoutQuorum {
        /// Where they were published to.
        exchanges: String,
        /// How many they are.
        events: usize,
        /// Since when, in seconds.
        seconds: u64,
        /// Whether there are so many that no more are published.
        stopped: &'static str,
    },
    /// During a memory or disk alarm.
    #[error("the broker blocks publishers: does it have an alarm?")]
    Blocked,
    /// No answer in time: the connection may be half open.
    #[error("the database did not answer in time")]
    Silent,
    /// A message came back: the exchange has no queue.
    #[error("no queue is bound to the exchange for {0}: run `topology`")]
    Unroutable(String),
    /// While this instance's session with the database was lost.
    #[error("another instance of the service consumes now")]
    OtherActive,
    /// The event log can't be read.
    #[error("the event log: {0}")]
    Log(Box<Self>),
    /// Nothing of the event log can be read, not even its last message.
    #[error("nothing of 'event-log' can be read: is it without its quorum? `cartwheel doctor` says so")]
    LogSilent,
    /// The broker confirms events that the event log does not get.
    #[error("'event-log' does not get what is published: is it bound to the exchange? Run `topology`")]
    NotLogged,
    /// The broker refused a message.
    #[error("the broker refused a message of type {0}")]
    Refused(String),
    /// The broker ended the subscription, for example because the queue was deleted.
    #[error("the broker ended the subscription")]
    Unsubscribed,
    /// A fifth of several batches in a row failed: the handler is at fault, not the events.
    #[error(
        "the handler fails on a fifth of the events: the consumer is paused until it can process the events that \
         failed (see the parked events)"
    )]
    HandlerAtFault,
    /// The event log no longer has what must be read from it.
    #[error(
        "the event log begins {begins}, but must be read from {since}: this service has lost the events in between. \
         Restore its database from a backup, or allow it to start where the log begins"
    )]
    LogTooShort {
        /// From when it must be read.
        since: String,
        /// When its first event happened.
        begins: String,
    },
    /// A rebuild of the service's projection was started but not finished.
    #[error("a rebuild of this service was started and not finished: run it again")]
    RebuildUnfinished,
}

impl BusError {
    /// Whether it lasts until an operator acts.
    pub(crate) fn needs_an_operator(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::LogTooShort { .. } | Self::RebuildUnfinished)
    }
}
