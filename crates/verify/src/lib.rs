//! Verifies Cartwheel from outside: a workload changes carts, a nemesis breaks what they depend on, a history records what
//! clients were answered, and a checker compares it with what every service has.
//!
//! `demo` and `torture` are made of these; `bench` measures how fast the shop is, `recommend evaluate` its suggestions on
//! recorded baskets.

pub mod bench;
pub mod checker;
pub mod cli;
pub mod demo;
pub mod evaluate;
mod guarded_program;
pub mod history;
mod latency;
pub mod nemesis;
pub mod private_servers;
mod progress;
mod serve_environment;
pub mod torture;
mod workload;
