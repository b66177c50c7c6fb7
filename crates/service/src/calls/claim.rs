use chrono::{DateTime, Utc};
use sqlx::FromRow;

/// A claimed call.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Claim {
    pub key: String,
    /// The number of attempts so far.
    pub attempts: i32,
    /// The end of the lease, by which the caller proves that the claim is still its own.
    pub lease: DateTime<Utc>,
}

/// A call and the lease under which a caller has claimed it.
pub(super) type ClaimId = (String, DateTime<Utc>);
