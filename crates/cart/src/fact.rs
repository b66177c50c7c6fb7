//! What happens to carts: events of the contract, as they are published and stored.

use bus::{Outbox, OutboxError};
use envelope::{Cause, Envelope, EventSet};
use events::cart::{CartEvent, CartSnapshot, ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};

/// What happened to a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Pieces were added.
    Added(ItemAdded),
    /// A line's quantity was set.
    QuantityChanged(ItemQuantityChanged),
    /// A line was removed.
    Removed(ItemRemoved),
    /// The shopper is known now.
    Attached(ShopperAttached),
}

impl Fact {
    /// The fact as an event of the contract.
    pub(crate) fn wrap(&self, outbox: &Outbox, cause: &Cause) -> Result<Envelope, OutboxError> {
        match self {
            Self::Added(event) => outbox.wrap(event, cause),
            Self::QuantityChanged(event) => outbox.wrap(event, cause),
            Self::Removed(event) => outbox.wrap(event, cause),
            Self::Attached(event) => outbox.wrap(event, cause),
        }
    }

    /// The fact that an event of this service tells; none if it tells that nothing happened.
    pub(crate) fn of(event: &Envelope) -> serde_json::Result<Option<Self>> {
        if event.is::<CartSnapshot>() {
            Ok(None)
        } else {
            Self::read(&event.kind, event.data.get()).map(Some)
        }
    }

    /// Reads a stored fact.
    ///
    /// # Errors
    /// When the type is unknown or the data doesn't fit it.
    pub(crate) fn read(event_type: &str, data: &str) -> serde_json::Result<Self> {
        match CartEvent::from_json(event_type, data)? {
            Some(CartEvent::ItemAdded(event)) => Ok(Self::Added(event)),
            Some(CartEvent::ItemQuantityChanged(event)) => Ok(Self::QuantityChanged(event)),
            Some(CartEvent::ItemRemoved(event)) => Ok(Self::Removed(event)),
            Some(CartEvent::ShopperAttached(event)) => Ok(Self::Attached(event)),
            Some(_) | None => {
                Err(serde::de::Error::custom(format!("a cart has no facts of type '{event_type}'")))
            }
        }
    }
}
