//! The cart service on a real PostgreSQL, a file per theme.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod database;
mod support;
