//! Recommend on a real PostgreSQL. Events are handed to its handler, as the consumer would in its transaction, and
//! once through a real RabbitMQ; requests come over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod answering;
mod broker;
mod keeping;
mod learning;
mod support;
mod upgrading;
