use crate::invalid_event::InvalidEvent;

/// Why events could not be written into the outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// PostgreSQL.
    #[error("the outbox: {0}")]
    Database(#[from] sqlx::Error),
    /// An event can't be written as JSON.
    #[error("an event can't be written as JSON: {0}")]
    Event(#[from] serde_json::Error),
    /// No broker or no consumer's database would take the event.
    #[error("an event that can't be published: {0}")]
    InvalidEvent(#[from] InvalidEvent),
    /// The service's settings don't say that it publishes this aggregate.
    #[error("this service doesn't publish '{0}': name it in the settings")]
    NotPublished(String),
    /// Nothing follows the last event of a subject: what is opened again is a new subject.
    #[error("an event of a subject that has ended: '{subject}' of {origin}")]
    Ended {
        /// The source.
        origin: String,
        /// The subject.
        subject: String,
    },
}
