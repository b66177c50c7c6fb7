//! The command line over everything: `up`, `demo`, `serve`, `topology`, `parked`, `events`, `servers`. A library too, so
//! that tests start a shop in the same way.

pub mod accounts;
pub mod beside;
pub mod books;
pub mod cli;
pub mod dataset;
pub mod demo;
pub mod events;
pub mod parked;
pub mod secrets;
pub mod serve;
pub mod shop;
pub mod up;
