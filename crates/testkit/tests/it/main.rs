//! What integration tests share, on real servers.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod clock;
mod space;
