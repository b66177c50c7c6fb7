//! The mails: what they say, in the shopper's language, and their MIME form.

mod addition;
mod message;
mod templates;

pub use addition::Addition;
pub use message::{CompositionError, compose, message_id};
pub use templates::Templates;
