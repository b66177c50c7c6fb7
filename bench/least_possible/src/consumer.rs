//! Takes what has come in one statement, which is a transaction of its own, then acknowledges it.

use anyhow::Context;
use futures::{FutureExt, StreamExt};
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use sqlx::PgConnection;

use crate::addition::Addition;
use crate::database;

const PREFETCH: u16 = 1000;
/// The most messages at once.
const BATCH: usize = 500;

/// Consumes the queue of this name until the connection ends.
pub async fn consume(
    name: &'static str,
    channel: Channel,
    mut connection: PgConnection,
) -> anyhow::Result<()> {
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut deliveries =
        channel.basic_consume(name.into(), name.into(), options, FieldTable::default()).await?.fuse();
    while let Some(first) = deliveries.next().await {
        let mut batch = vec![first?];
        while batch.len() < BATCH
            && let Some(Some(delivery)) = deliveries.next().now_or_never()
        {
            batch.push(delivery?);
        }
        take(name, &batch, &mut connection).await?;
        let last = batch.last().context("an empty batch")?.delivery_tag;
        channel.basic_ack(last, BasicAckOptions { multiple: true }).await?;
    }
    Ok(())
}

async fn take(name: &str, batch: &[Delivery], connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut additions = Vec::with_capacity(batch.len());
    for delivery in batch {
        additions.extend(serde_json::from_slice::<Vec<Addition>>(&delivery.data)?);
    }
    Ok(database::take(connection, name, &additions).await?)
}
