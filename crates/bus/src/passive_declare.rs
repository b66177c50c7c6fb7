//! Looks for exchanges and queues without a right to declare them, and reads the broker's refusals.

use lapin::options::{ExchangeDeclareOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, ExchangeKind, Queue};

use crate::error::BusError;

/// Looks whether the queue is there.
pub(crate) async fn look_for_queue(channel: &Channel, queue: &str) -> Result<Queue, BusError> {
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    let found = channel.queue_declare(queue.into(), look, FieldTable::default()).await;
    found.map_err(|error| missing_or_broken(format!("queue '{queue}'"), error))
}

/// Looks whether the exchange is there.
pub(crate) async fn look_for_exchange(channel: &Channel, exchange: &str) -> Result<(), BusError> {
    let look = ExchangeDeclareOptions { passive: true, ..Default::default() };
    let kind = ExchangeKind::Topic;
    match channel.exchange_declare(exchange.into(), kind, look, FieldTable::default()).await {
        Ok(()) => Ok(()),
        Err(error) => Err(missing_or_broken(format!("exchange '{exchange}'"), error)),
    }
}

fn missing_or_broken(what: String, error: lapin::Error) -> BusError {
    if reply_code(&error) == Some(404) && !is_booting(&error) {
        BusError::Missing(what)
    } else {
        error.into()
    }
}

/// A queue is there, but not up yet: for a moment after its start the broker answers as if there were none.
pub(crate) fn is_booting(error: &lapin::Error) -> bool {
    reply_code(error) == Some(404) && error.to_string().contains("down or inaccessible")
}

/// What the broker refused a request with: 404 for not found, 406 for another property.
pub(crate) fn reply_code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        lapin::ErrorKind::ProtocolError(amqp) => Some(amqp.get_id()),
        _ => None,
    }
}
