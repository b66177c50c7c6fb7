//! What the notify service publishes.

mod mails;

pub use mails::{EmailFailed, EmailSent, MailEvent};
