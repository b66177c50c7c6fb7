//! The cart service on a real PostgreSQL, a file per theme.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod admin_carts;
mod changing;
mod conditional;
mod costs;
mod database;
mod history;
mod inactivity;
mod merging;
mod prices;
mod support;
mod tokens;
