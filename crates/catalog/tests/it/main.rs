//! The catalog on a real PostgreSQL, over HTTP. There is no broker: what it publishes stays in its outbox.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod caching;
mod details;
mod files;
mod importing;
mod prices;
mod reading;
mod restoring;
mod scheduling;
mod searching;
mod support;
mod writing;
