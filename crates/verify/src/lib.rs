//! Verifies Cartwheel from outside: a workload changes carts, a nemesis breaks what they stand on, a history records what
//! clients were answered, and a checker compares it with what every service has.
//!
//! `demo` and `torture` are made of these; `recommend evaluate` measures suggestions on recorded baskets.

pub mod checker;
pub mod cli;
pub mod demo;
pub mod evaluate;
pub mod history;
pub mod nemesis;
pub mod private_servers;
mod progress;
pub mod torture;
mod workload;
