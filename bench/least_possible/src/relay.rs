//! Publishes what was committed, and deletes from the outbox what the broker has confirmed.

use anyhow::ensure;
use futures::future::try_join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation};
use sqlx::PgConnection;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::addition::Addition;
use crate::broker::EXCHANGE;
use crate::database;

/// The most batches of the writer in one window of confirms.
const WINDOW: usize = 16;
const PERSISTENT: u8 = 2;

/// Relays batches until there are no more.
pub async fn relay(
    mut committed: mpsc::Receiver<Vec<Addition>>,
    channel: Channel,
    mut connection: PgConnection,
    events_per_message: usize,
) -> anyhow::Result<()> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let mut batches = Vec::with_capacity(WINDOW);
    while committed.recv_many(&mut batches, WINDOW).await > 0 {
        let additions: Vec<Addition> = batches.drain(..).flatten().collect();
        publish(&channel, &additions, events_per_message).await?;
        let ids: Vec<Uuid> = additions.iter().map(|addition| addition.id).collect();
        database::delete_published(&mut connection, &ids).await?;
    }
    Ok(())
}

async fn publish(channel: &Channel, additions: &[Addition], events_per_message: usize) -> anyhow::Result<()> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let mut confirms = Vec::new();
    for message in additions.chunks(events_per_message) {
        let body = serde_json::to_vec(message)?;
        let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
        let publish = channel.basic_publish(EXCHANGE.into(), "added".into(), options, &body, properties);
        confirms.push(publish.await?);
    }
    for confirmation in try_join_all(confirms).await? {
        ensure!(confirmation == Confirmation::Ack(None), "a message was not confirmed");
    }
    Ok(())
}
