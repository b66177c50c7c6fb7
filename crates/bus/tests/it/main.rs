//! The bus on a real RabbitMQ and PostgreSQL, a file per theme.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod across_subjects;
mod catching_up;
mod crashing_events;
mod dead_letters;
mod event_log;
mod final_events;
mod fixture;
mod following;
mod hosts;
mod ignored_sql_errors;
mod instances;
mod limits;
mod new_queue;
mod operator;
mod packing;
mod parking;
mod parking_at_scale;
mod poison;
mod pooler;
mod privileges;
mod quickstart;
mod rebuilding;
mod reconnection;
mod relay;
mod renamed_sources;
mod restoring;
mod reused_connection;
mod snapshots;
mod timers;
mod topology;
mod unpublishable;
