/// Why events could not be written into the outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// PostgreSQL.
    #[error("the outbox: {0}")]
    Database(#[from] sqlx::Error),
    /// An event can't be written as JSON.
    #[error("an event can't be written as JSON: {0}")]
    Event(#[from] serde_json::Error),
}
