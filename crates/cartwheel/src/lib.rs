//! The command line over everything: `up`, `demo`, `torture`, `serve`, `topology`, `parked`, `events`, `rebuild`, `doctor`, `ready`,
//! `servers`. A library too, so that tests start a shop in the same way.

pub mod accounts;
pub mod beside;
pub mod books;
pub mod cli;
pub mod dataset;
pub mod demo;
pub mod doctor;
pub mod events;
pub mod parked;
mod progress;
pub mod ready;
pub mod rebuild;
pub mod recommendations;
pub mod secrets;
pub mod serve;
mod settle;
pub mod shop;
mod storefront;
mod table;
pub mod torture;
pub mod up;
