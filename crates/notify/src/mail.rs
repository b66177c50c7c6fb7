//! The mails: what they say, in the shopper's language, and their MIME form.

mod addition;
mod decision;
mod message;
mod templates;

pub use addition::Addition;
pub use decision::{MailDecision, Suppression};
pub use message::{CompositionError, Headers, compose, message_id};
pub use templates::Templates;
