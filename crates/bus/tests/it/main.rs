//! The bus on a real RabbitMQ and PostgreSQL, a file per theme.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod catching_up;
mod crashing_events;
mod event_log;
mod fixture;
mod instances;
mod limits;
mod operator;
mod parking;
mod parking_at_scale;
mod passed_over_errors;
mod privileges;
mod quickstart;
mod reconnection;
mod relay;
mod topology;
