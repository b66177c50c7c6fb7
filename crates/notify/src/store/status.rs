use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The status of an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It will be sent.
    Queued,
    /// The mail server accepted it.
    Sent,
    /// The mail server refused it for good, or did not accept it in any of the attempts.
    Failed,
    /// There is nobody to write to: the cart had no shopper, or the shopper's address gets no mail (then `suppressed` says
    /// why).
    Unaddressed,
}

impl Status {
    const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Failed, Self::Unaddressed];

    /// The status as the database stores it.
    pub fn column(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unaddressed => "unaddressed",
        }
    }

    /// Reads what the database stores.
    pub fn read(column: &str) -> sqlx::Result<Self> {
        let known = Self::ALL.into_iter().find(|status| status.column() == column);
        known.ok_or_else(|| sqlx::Error::Decode(format!("unknown status {column:?}").into()))
    }
}
