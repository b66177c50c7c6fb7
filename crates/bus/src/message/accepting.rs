//! What is taken for events, and what becomes a dead letter.

use lapin::message::Delivery;

use super::reading;
use crate::incoming::Incoming;
use crate::sources::Sources;
use crate::unacceptable::Unacceptable;

/// The events of a message that was published to an exchange. Fails when it says of none which event it is, or when the exchange
/// is not that of their source.
pub(crate) fn accept(
    delivery: &Delivery,
    exchange: &str,
    sources: &Sources,
) -> Result<Vec<Incoming>, Unacceptable> {
    let events = reading::read(delivery)?.into_iter().map(|event| sources.admit(event));
    events.map(|event| event.check_exchange(exchange).map(|()| event)).collect()
}
