//! Facts as events: how they are published and how they are stored.

use bus::{Outbox, OutboxError};
use envelope::{Cause, Envelope, EventType};
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};

use crate::cart::Fact;

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

    /// Reads a stored fact.
    ///
    /// # Errors
    /// When the type is unknown or the data doesn't fit it.
    pub(crate) fn read(kind: &str, data: &str) -> serde_json::Result<Self> {
        match kind {
            ItemAdded::TYPE => serde_json::from_str(data).map(Self::Added),
            ItemQuantityChanged::TYPE => serde_json::from_str(data).map(Self::QuantityChanged),
            ItemRemoved::TYPE => serde_json::from_str(data).map(Self::Removed),
            ShopperAttached::TYPE => serde_json::from_str(data).map(Self::Attached),
            unknown => Err(serde::de::Error::custom(format!("a cart has no facts of type '{unknown}'"))),
        }
    }
}
