//! The bus on a real RabbitMQ and PostgreSQL, a file per theme.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod catching_up;
mod deadly_events;
mod event_log;
mod example;
mod instances;
mod judgement;
mod parking;
mod privileges;
mod reconnection;
mod relay;
mod scene;
mod topology;
