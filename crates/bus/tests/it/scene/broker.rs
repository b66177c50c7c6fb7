//! The broker, seen by its administrator.

use cartwheel_bus::{Service, Topology};
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use testkit::Space;
use uuid::Uuid;

/// A channel of the broker's administrator.
pub async fn administrator(space: &Space) -> Channel {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect(&space.amqp_admin_url(), properties).await.unwrap();
    connection.create_channel().await.unwrap()
}

/// How many messages are ready in a queue.
pub async fn messages(channel: &Channel, queue: &str) -> u32 {
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    channel.queue_declare(queue.into(), look, FieldTable::default()).await.unwrap().message_count()
}

pub fn topology() -> Topology {
    Topology { services: vec![service("orders", &[]), service("billing", &["orders"])] }
}

pub fn service(name: &str, listens_to: &[&str]) -> Service {
    Service { name: name.into(), listens_to: listens_to.iter().map(ToString::to_string).collect() }
}

/// What a marker looks like.
pub fn marker(exchanges: &[&str]) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("exchanges".into(), AMQPValue::LongString(exchanges.join(" ").into()));
    BasicProperties::default()
        .with_content_type("application/x-bus-marker".into())
        .with_message_id(Uuid::now_v7().to_string().into())
        .with_timestamp(u64::try_from(envelope::Clock::system().now().timestamp()).unwrap())
        .with_headers(headers)
}
