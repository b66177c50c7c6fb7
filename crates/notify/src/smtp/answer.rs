//! What the mail server's answers mean: whose fault a refusal is. Rules only, no I/O.
//!
//! A server refuses a mail because of its recipient or its content, or because of who sends it, or because it is in
//! trouble itself. What it refuses tells them apart, and the code, by [RFC 5321](https://www.rfc-editor.org/rfc/rfc5321)
//! and, where there is one, by [RFC 3463](https://www.rfc-editor.org/rfc/rfc3463). Many servers say only at `RCPT TO` what
//! they think of the sender: such answers are doubtful.

use std::error::Error as _;
use std::fmt;

use lettre::transport::smtp::Error;
use service::calls::{Outcome, Refusal};

/// The server closes the connection, for a reason of its own.
pub const SERVICE_CLOSING: u16 = 421;

/// What was said last before an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing of a mail: connecting, greeting, encryption, login.
    Connection,
    /// `MAIL FROM`, the same for all mails; `utf8` if this mail's recipient asks for more.
    Sender { utf8: bool },
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, and the mail itself.
    Content,
}

/// A negative answer. The server's own text is left out: it may repeat what it received, such as an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 4xx: not now; 5xx: never.
    pub code: u16,
    /// Subject and detail of the enhanced code: 7 and 1 of `5.7.1`.
    pub enhanced: Option<(u16, u16)>,
}

/// The server's answer, if the error is one.
pub fn answer_to(error: &Error) -> Option<Answer> {
    let code = error.status()?.into();
    let enhanced = error.source().and_then(|text| enhanced(&text.to_string()));
    Some(Answer { code, enhanced })
}

/// What an error at this stage means.
pub fn outcome(stage: Stage, error: &Error) -> Outcome {
    match answer_to(error) {
        Some(answer) => answer.outcome(stage),
        None if stage.is_before_the_mail() => {
            let reason = format!("no answer to {stage}: {error}");
            Outcome::Unavailable(Refusal::without_code(reason))
        }
        None => unanswered(stage),
    }
}

/// What it means that no answer came in time, or that the connection broke.
pub fn unanswered(stage: Stage) -> Outcome {
    let refusal = Refusal::without_code(format!("the mail server gave no answer to {stage}"));
    if stage.is_before_the_mail() { Outcome::Unavailable(refusal) } else { Outcome::Unanswered(refusal) }
}

impl Stage {
    /// Whether everything sent to the server so far is the same for all mails.
    fn is_before_the_mail(self) -> bool {
        matches!(self, Self::Connection | Self::Sender { utf8: false })
    }
}

impl Answer {
    fn outcome(self, stage: Stage) -> Outcome {
        let refusal =
            Refusal { code: Some(self.code), reason: format!("the mail server answered {self} to {stage}") };
        if stage.is_before_the_mail() {
            Outcome::Unavailable(refusal)
        } else if self.code == SERVICE_CLOSING {
            Outcome::Doubtful(refusal)
        } else if self.code < 500 {
            Outcome::Postponed(refusal)
        } else if self.is_about_the_mail(stage) {
            Outcome::Refused(refusal)
        } else {
            Outcome::Doubtful(refusal)
        }
    }

    /// Whether a refusal for good is because of the mail itself, its recipient or its content, beyond doubt.
    fn is_about_the_mail(self, stage: Stage) -> bool {
        match (self.enhanced, stage) {
            // An address: the sender's, or the recipient's.
            (Some((1, detail)), _) => !matches!(detail, 7 | 8),
            // The recipient's mailbox; a mail that is too long, or in a form that the server can't pass on.
            (Some((2 | 6, _) | (3, 4)), _) => true,
            (Some(_), _) | (None, Stage::Connection | Stage::Sender { .. }) => false,
            (None, Stage::Recipient) => matches!(self.code, 501 | 550 | 551 | 552 | 553 | 555),
            (None, Stage::Content) => self.code == 552,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection",
            Self::Sender { .. } => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Content => "DATA",
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.enhanced {
            Some((subject, detail)) => write!(f, "{} {}.{subject}.{detail}", self.code, self.code / 100),
            None => write!(f, "{}", self.code),
        }
    }
}

/// The enhanced code that a text begins with.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    (matches!(class, "4" | "5") && parts.next().is_none())
        .then(|| Some((subject.parse().ok()?, detail.parse().ok()?)))?
}

#[cfg(test)]
mod tests;
