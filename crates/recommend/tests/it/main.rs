//! Recommend on a real PostgreSQL. Events are passed to its handler in a transaction, as a consumer does it, and once
//! through a real RabbitMQ; requests come over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod broker;
mod learner;
mod migrations;
mod on_events;
mod publishing;
mod rest_api;
mod support;
