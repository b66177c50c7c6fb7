//! What is taken for events, and what becomes a dead letter.

use lapin::message::Delivery;

use super::reading;
use crate::incoming::Incoming;
use crate::invalid_event::InvalidEvent;
use crate::known_sources::KnownSources;

/// The events of a message that was published to an exchange. Fails when it says of none which event it is, or when the exchange
/// is not that of their source.
pub(crate) fn accept(
    delivery: &Delivery,
    exchange: &str,
    sources: &KnownSources,
) -> Result<Vec<Incoming>, InvalidEvent> {
    let events = reading::read(delivery)?.into_iter().map(|event| sources.admit(event));
    events.map(|event| event.check_exchange(exchange).map(|()| event)).collect()
}
