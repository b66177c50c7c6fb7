//! What the notify service publishes. The subject is the cart's id; no event holds an address.

use envelope::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The mail server took a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailSent {
    /// The cart that the mail is about.
    pub cart_id: Uuid,
    /// The event that the mail is about; the mail's Message-ID comes from it.
    pub about: Uuid,
}

/// The mail server refused a mail for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailFailed {
    /// The cart that the mail is about.
    pub cart_id: Uuid,
    /// The event that the mail is about.
    pub about: Uuid,
    /// The mail server's status code, for example 550; none where it was never asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl EventType for EmailSent {
    const TYPE: &'static str = "notify.email-sent.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for EmailFailed {
    const TYPE: &'static str = "notify.email-failed.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}
