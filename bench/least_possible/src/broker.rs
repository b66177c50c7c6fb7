use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, ExchangeKind};

pub const EXCHANGE: &str = "cart.events";
const LOG: &str = "event-log";

pub async fn connect(url: &str) -> anyhow::Result<Connection> {
    Ok(Connection::connect(url, ConnectionProperties::default()).await?)
}

/// Declares the exchange, a quorum queue for each consumer, and the stream.
pub async fn declare(broker: &Connection, consumers: &[&str]) -> anyhow::Result<()> {
    let channel = broker.create_channel().await?;
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
    let queues = consumers.iter().map(|queue| (*queue, "quorum")).chain([(LOG, "stream")]);
    for (queue, kind) in queues {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await?;
        let options = QueueBindOptions::default();
        channel.queue_bind(queue.into(), EXCHANGE.into(), "#".into(), options, FieldTable::default()).await?;
    }
    Ok(())
}
