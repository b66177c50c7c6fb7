//! Notify from the outside: events in, mails out over SMTP, with a real database, and a real broker where it matters.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod broker;
mod crashes;
mod failures;
mod mail_history;
mod older_release;
mod outages;
mod retrying;
mod sending;
mod support;
mod suppression;
mod unreadable;
