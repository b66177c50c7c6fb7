//! A cart whose additions are events, and three services that handle each event once: `ruststream-shop SERVICE`.
//!
//! From the environment: `RABBITMQ_URL`, `DATABASE_URL`, and `LISTEN` (the address of the cart's API).

mod api;
mod cart;
mod consumers;
mod database;
mod environment;
mod fill;
mod outbox;
mod topology;

use std::env;

use anyhow::{Context, bail};

use environment::variable;
use topology::{INVENTORY, NOTIFY, RECOMMEND};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["cart"] => api::serve(&variable("LISTEN")?).await,
        [service @ (INVENTORY | RECOMMEND | NOTIFY)] => consumers::run(service).await,
        ["fill", count] => fill::fill(count.parse().context("not a number of events")?).await,
        _ => bail!("usage: ruststream-shop cart|inventory|recommend|notify, or ruststream-shop fill EVENTS"),
    }
}
