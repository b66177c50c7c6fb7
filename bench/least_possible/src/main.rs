//! The least that has the same effects as an addition to a cart: an answer once it is durable, a confirmed message to
//! three quorum queues and a stream, and a row in each of three consumers. It has no carts, no order, no retries and no
//! parking, and it gives up at the first error: it shows what this broker and this database allow, not how to work.
//!
//! From the environment: `LISTEN` (address), `RABBITMQ_URL`, `DATABASE_URL`, `EVENTS_PER_MESSAGE` (at most).

mod addition;
mod api;
mod broker;
mod consumer;
mod database;
mod relay;
mod writer;

use std::env;

use anyhow::Context;
use sqlx::{Connection, PgConnection};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const CONSUMERS: [&str; 3] = ["inventory", "recommend", "notify"];
/// The most additions that wait for the writer, and committed batches that wait for the relay.
const QUEUED: usize = 4096;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let database = variable("DATABASE_URL")?;
    let events_per_message: usize = variable("EVENTS_PER_MESSAGE")?.parse().context("EVENTS_PER_MESSAGE")?;
    let listener = TcpListener::bind(variable("LISTEN")?).await?;
    let connect = || PgConnection::connect(&database);
    database::create(&mut connect().await?, &CONSUMERS).await?;
    let broker = broker::connect(&variable("RABBITMQ_URL")?).await?;
    broker::declare(&broker, &CONSUMERS).await?;

    let (additions, received) = mpsc::channel(QUEUED);
    let (batches, committed) = mpsc::channel(QUEUED);
    let mut tasks = JoinSet::new();
    for name in CONSUMERS {
        tasks.spawn(consumer::consume(name, broker.create_channel().await?, connect().await?));
    }
    tasks.spawn(relay::relay(
        committed,
        broker.create_channel().await?,
        connect().await?,
        events_per_message,
    ));
    tasks.spawn(writer::write(received, batches, connect().await?));
    tasks.spawn(api::serve(listener, additions));
    tasks.join_next().await.context("no task")??
}

fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is missing"))
}
