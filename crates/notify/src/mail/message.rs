//! Composes a MIME message from a rendered mail.

use std::time::SystemTime;

use lettre::address::AddressError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use service::{MailAddress, Unmailable};
use url::Url;
use uuid::Uuid;

use super::templates::RenderedMail;

/// Why a message can't be composed. It does not contain the address.
#[derive(Debug, thiserror::Error)]
pub enum CompositionError {
    /// Neither a header nor a mail server would accept the address.
    #[error("no mail can be sent to the address: {0}")]
    Address(#[from] Unmailable),
    /// lettre refuses the address.
    #[error("no mail can be sent to the address")]
    Recipient(#[source] AddressError),
    /// A template fails.
    #[error("a template fails: {0}")]
    Template(#[from] minijinja::Error),
    /// lettre refuses the message.
    #[error("the message can't be composed")]
    Message(#[source] lettre::error::Error),
}

/// The Message-ID of the mail about an event, with its angle brackets. It is the same each time the mail is sent.
#[must_use]
pub fn message_id(about: Uuid, from: &Mailbox) -> String {
    format!("<{about}@{}>", from.email.domain())
}

/// What the headers of a message say.
#[derive(Clone, Copy)]
pub struct Headers<'a> {
    /// The sender.
    pub from: &'a Mailbox,
    /// The event that the mail is about.
    pub about: Uuid,
    /// Its date.
    pub at: SystemTime,
    /// Where its recipient unsubscribes (RFC 2369); with one click (RFC 8058) if that is over HTTPS.
    pub unsubscribe: Option<&'a Url>,
}

/// Composes the message about an event. Apart from the boundary between its parts, it is the same each time.
///
/// # Errors
/// When the address is not a mail address, or lettre refuses the message.
pub fn compose(mail: RenderedMail, headers: Headers<'_>, to: &str) -> Result<Message, CompositionError> {
    let to: MailAddress = to.parse()?;
    let to = Address::new(to.local(), to.domain()).map_err(CompositionError::Recipient)?;
    let Headers { from, about, at, unsubscribe } = headers;
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .date(at)
        .message_id(Some(message_id(about, from)))
        // RFC 3834: asks for no "out of office" reply.
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(link) = unsubscribe {
        message = message.raw_header(raw("List-Unsubscribe", format!("<{link}>")));
        if link.scheme() == "https" {
            message =
                message.raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
    }
    message
        .subject(mail.subject)
        .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
        .map_err(CompositionError::Message)
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}
