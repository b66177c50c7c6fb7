use std::time::Duration;

use crate::failure::Failure;
use crate::inbox::sequence_run::SequenceGap;
use crate::sql_error_kind::SqlErrorKind;

/// Why nothing of a batch was taken. If nothing is wrong with its events, it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// PostgreSQL or the connection to it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The handler failed.
    #[error("the handler: {0}")]
    Handler(#[source] Failure),
    /// The connection to the database may be half open.
    #[error("the database did not finish within {0:?}")]
    Late(Duration),
    /// The events of the batch are not in sequence, so they are not taken.
    #[error(transparent)]
    Gap(#[from] SequenceGap),
}

/// What to do with a failed batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One of its events is at fault.
    Events,
    /// Perhaps one is: that shows when others are taken.
    Unclear,
    /// None is.
    Circumstances,
}

impl Interrupted {
    /// What a parked event shows as its error.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Handler(failure) => failure.to_string(),
            other => other.to_string(),
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Handler(Failure::Permanent(_)) => Verdict::Events,
            Self::Handler(Failure::Unclear(_)) => Verdict::Unclear,
            Self::Database(error) => match SqlErrorKind::of(error) {
                SqlErrorKind::Data => Verdict::Events,
                SqlErrorKind::Limit | SqlErrorKind::Schema => Verdict::Unclear,
                SqlErrorKind::Outage => Verdict::Circumstances,
            },
            Self::Handler(Failure::Transient(_)) | Self::Late(_) | Self::Gap(_) => Verdict::Circumstances,
        }
    }
}
