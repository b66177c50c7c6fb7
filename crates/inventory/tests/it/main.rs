//! The inventory service on a real PostgreSQL. Events are handed to its handler, as the consumer would in its
//! transaction; requests come over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod contending;
mod counting;
mod ending;
mod holding;
mod importing;
mod keeping_the_ledger;
mod locating;
mod operating;
mod reading;
mod receiving;
mod restoring;
mod sheets;
mod support;
mod torn_merges;
mod waiting;
