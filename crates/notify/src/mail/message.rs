//! From words to a MIME message.

use std::time::SystemTime;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use uuid::Uuid;

use super::Letter;

/// Why there is no message. Says nothing of the address.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// Neither header nor mail server could take it.
    #[error("the address is not a mail address")]
    Address,
    /// A template fails.
    #[error("a template fails: {0}")]
    Template(#[from] minijinja::Error),
    /// lettre refuses it.
    #[error("the message can't be put together")]
    Message,
}

/// The Message-ID of the mail about an event, with its angle brackets: the same however often it is sent.
#[must_use]
pub fn message_id(about: Uuid, from: &Mailbox) -> String {
    format!("<{about}@{}>", from.email.domain())
}

/// Puts a letter about an event into an envelope. Apart from the boundary between its parts, the message is the same
/// each time.
///
/// # Errors
/// When the address is none.
pub fn write(
    letter: Letter,
    from: &Mailbox,
    to: &str,
    about: Uuid,
    at: SystemTime,
) -> Result<Message, Unwritable> {
    let to: Address = to.parse().map_err(|_| Unwritable::Address)?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .date(at)
        .message_id(Some(message_id(about, from)))
        // RFC 3834: no "out of office" in answer.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .subject(letter.subject)
        .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
        .map_err(|_| Unwritable::Message)
}
