//! The event, and the exchange and queues it travels through.

use chrono::{DateTime, Utc};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, ExchangeKind};
use ruststream_lapin::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::environment::variable;

const EXCHANGE: &str = "cart.events";
const ITEM_ADDED: &str = "item-added";
pub const INVENTORY: &str = "inventory";
pub const RECOMMEND: &str = "recommend";
pub const NOTIFY: &str = "notify";

/// A product was added to a cart.
#[derive(Clone, Debug, Serialize, Deserialize, Outgoing)]
#[outgoing(name = "item-added")]
pub struct ItemAdded {
    pub id: Uuid,
    pub cart: Uuid,
    pub sku: String,
    pub quantity: i32,
    pub version: i32,
    pub time: DateTime<Utc>,
}

/// The broker, with up to 200 unacknowledged deliveries for each subscription.
pub fn broker() -> anyhow::Result<LapinBroker> {
    Ok(LapinBroker::new(variable("RABBITMQ_URL")?).prefetch(nonzero!(200)))
}

/// Publishes persistent events to the exchange, and waits for the broker's confirms.
pub fn publish() -> TransactionalPublish {
    TransactionalPublish::default().exchange(EXCHANGE)
}

/// Declares everything, so that events are kept for consumers which have yet to start.
pub async fn declare() -> anyhow::Result<()> {
    let connection = Connection::connect(&variable("RABBITMQ_URL")?, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
    for queue in [INVENTORY, RECOMMEND, NOTIFY] {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await?;
        let options = QueueBindOptions::default();
        let key = ITEM_ADDED.into();
        channel.queue_bind(queue.into(), EXCHANGE.into(), key, options, FieldTable::default()).await?;
    }
    Ok(connection.close(200, "declared".into()).await?)
}
