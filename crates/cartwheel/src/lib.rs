//! The command line over everything: `up`, `demo`, `torture`, `serve`, `topology`, `servers`. A library too, so that tests start
//! a shop in the same way.

pub mod accounts;
pub mod beside;
pub mod books;
pub mod cli;
pub mod dataset;
pub mod demo;
mod progress;
pub mod secrets;
pub mod serve;
mod settle;
pub mod shop;
mod storefront;
mod table;
pub mod torture;
pub mod up;
