//! What must hold in every shop once everything has settled, each in a file of its own.

pub mod cart_events;
pub mod dead_letters;
pub mod event_log;
pub mod figures;
pub mod holds;
pub mod lines;
pub mod mails;
pub mod pairs;
pub mod parked;
pub mod positions;
pub mod stock;
pub mod time;
