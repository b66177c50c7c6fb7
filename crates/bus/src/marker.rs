//! The marker: the first message of a new queue, put there before the queue is bound to anything. It says that what was
//! published before stands in the event log only.

use chrono::Utc;
use lapin::message::Delivery;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation};
use uuid::Uuid;

use crate::topology::TopologyError;

const CONTENT_TYPE: &str = "application/x-bus-marker";
/// The default exchange leads straight into a queue. No service may publish there, so nobody else makes markers.
const DEFAULT_EXCHANGE: &str = "";

/// Puts a marker into the queue.
pub(crate) async fn publish(channel: &Channel, queue: &str) -> Result<(), TopologyError> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let confirm = channel
        .basic_publish(DEFAULT_EXCHANGE.into(), queue.into(), options, &[], properties(Uuid::now_v7()))
        .await?;
    match confirm.await? {
        Confirmation::Ack(None) => Ok(()),
        _ => Err(TopologyError::Unmarked(queue.to_owned())),
    }
}

fn properties(id: Uuid) -> BasicProperties {
    BasicProperties::default()
        .with_delivery_mode(2)
        .with_content_type(CONTENT_TYPE.into())
        .with_message_id(id.to_string().into())
        .with_timestamp(u64::try_from(Utc::now().timestamp()).unwrap_or(0))
}

/// The marker's id, if the message is one.
#[allow(dead_code, reason = "the consumer does not catch up yet")]
pub(crate) fn marker_of(delivery: &Delivery) -> Option<Uuid> {
    let properties = &delivery.properties;
    let is_marker = delivery.exchange.as_str() == DEFAULT_EXCHANGE
        && properties.content_type().as_ref().is_some_and(|kind| kind.as_str() == CONTENT_TYPE);
    let id = properties.message_id().as_ref().filter(|_| is_marker)?;
    Uuid::parse_str(id.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(exchange: &str, properties: BasicProperties) -> Delivery {
        Delivery { properties, ..Delivery::mock(1, exchange.into(), "meter".into(), false, vec![]) }
    }

    #[test]
    fn a_marker_is_known_by_its_way_and_its_kind() {
        let id = Uuid::now_v7();
        assert_eq!(marker_of(&delivery("", properties(id))), Some(id));
        assert_eq!(marker_of(&delivery("house.events", properties(id))), None, "anybody can publish so");
        let event = BasicProperties::default().with_message_id(id.to_string().into());
        assert_eq!(marker_of(&delivery("", event)), None);
    }
}
