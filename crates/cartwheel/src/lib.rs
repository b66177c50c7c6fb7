//! The command line over everything: `up`, `serve`, and the commands of operators. A library too, so that tests start a
//! shop in the same way.

pub mod address;
pub mod cli;
pub mod completions;
pub mod connections;
pub mod dead_letters;
pub mod doctor;
pub mod environment;
pub mod events;
pub mod failure;
pub mod mails;
pub mod parked;
pub mod ready;
pub mod rebuild;
pub mod republish;
pub mod request;
pub mod restored;
pub mod serve;
pub mod table;
pub mod timers;
pub mod topology;
#[cfg(feature = "local")]
pub mod up;
