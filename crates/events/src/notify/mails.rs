use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::declaration::aggregate;
use crate::examples::{CART, CAUSE, Example};

aggregate! {
    /// What happens to the mails about a cart. The subject is the cart's id; no event holds an address.
    pub enum MailEvent in "notify.mails", subject: cart_id {
        EmailSent = "notify.email-sent.v1",
        EmailFailed = "notify.email-failed.v1",
    }
}

/// The mail server accepted an email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailSent {
    /// The cart that the email is about.
    pub cart_id: Uuid,
    /// The event that the email is about; the email's Message-ID is derived from it.
    pub about: Uuid,
}

impl Example for EmailSent {
    fn example() -> Self {
        Self { cart_id: CART, about: CAUSE }
    }
}

/// An email failed: the mail server rejected it permanently, or for more than a day. If an operator sends it again,
/// another event about it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailFailed {
    /// The cart that the email is about.
    pub cart_id: Uuid,
    /// The event that the email is about.
    pub about: Uuid,
    /// The mail server's status code, for example 550; absent if the server was never asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl Example for EmailFailed {
    fn example() -> Self {
        Self { cart_id: CART, about: CAUSE, status: Some(550) }
    }
}
