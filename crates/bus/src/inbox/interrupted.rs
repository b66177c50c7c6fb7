use std::time::Duration;

use crate::failure::Failure;
use crate::inbox::span::SequenceGap;

/// Why nothing of a batch was taken although nothing is wrong with its events. The batch is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// PostgreSQL or the connection to it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The handler returned [`Failure::Transient`].
    #[error("the handler: {0}")]
    Handler(#[source] Failure),
    /// The connection to the database may be half open.
    #[error("the database did not finish within {0:?}")]
    Late(Duration),
    /// Events that were about to be taken are not in sequence. They are not taken.
    #[error(transparent)]
    Gap(#[from] SequenceGap),
}
