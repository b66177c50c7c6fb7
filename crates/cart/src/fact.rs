//! What happens to carts: events of the contract, as they are published and stored.

use bus::{Outbox, OutboxError};
use envelope::{Cause, Envelope, EventSet, EventType};
use events::cart::{
    CartAbandoned, CartDeleted, CartEvent, CartExpired, CartMerged, CartQuiet, CartResumed, CartSnapshot,
    ItemAdded, ItemFieldsChanged, ItemMovedBack, ItemQuantityChanged, ItemRemoved, ItemSavedForLater,
    ItemsMergedIn, NoteChanged, PriceChangesSeen, SavedItemRemoved, ShopperAttached,
};
use uuid::Uuid;

/// The kinds of facts, each with the event that tells it.
macro_rules! facts {
    ($($(#[doc = $meaning:literal])+ $fact:ident: $event:ident,)+) => {
        /// What happened to a cart.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Fact {
            $($(#[doc = $meaning])+ $fact($event),)+
        }

        impl Fact {
            /// The cart that it happened to.
            #[must_use]
            pub fn cart_id(&self) -> Uuid {
                match self { $(Self::$fact(event) => event.cart_id,)+ }
            }

            /// Whether nothing follows it in its cart.
            #[must_use]
            pub fn is_final(&self) -> bool {
                match self { $(Self::$fact(_) => $event::FINAL,)+ }
            }

            /// The fact as an event of the contract.
            pub(crate) fn wrap(&self, outbox: &Outbox, cause: &Cause) -> Result<Envelope, OutboxError> {
                match self { $(Self::$fact(event) => outbox.wrap(event, cause),)+ }
            }

            /// Reads a stored fact.
            ///
            /// # Errors
            /// When the type is unknown or the data doesn't fit it.
            pub(crate) fn read(event_type: &str, data: &str) -> serde_json::Result<Self> {
                match CartEvent::from_json(event_type, data)? {
                    $(Some(CartEvent::$event(event)) => Ok(Self::$fact(event)),)+
                    Some(CartEvent::CartSnapshot(_)) | None => {
                        Err(serde::de::Error::custom(format!("a cart has no facts of type '{event_type}'")))
                    }
                }
            }
        }

        $(impl From<$event> for Fact {
            fn from(event: $event) -> Self {
                Self::$fact(event)
            }
        })+
    };
}

facts! {
    /// Pieces were added.
    Added: ItemAdded,
    /// A line's quantity was set.
    QuantityChanged: ItemQuantityChanged,
    /// A line was removed.
    Removed: ItemRemoved,
    /// The shopper is known now.
    Attached: ShopperAttached,
    /// All that is in another cart is in this one now.
    MergedIn: ItemsMergedIn,
    /// A line is on the list of what is wanted later.
    SavedForLater: ItemSavedForLater,
    /// What was saved for later is in the cart again.
    MovedBack: ItemMovedBack,
    /// What was saved for later was removed.
    SavedRemoved: SavedItemRemoved,
    /// A line's own fields were set.
    FieldsChanged: ItemFieldsChanged,
    /// The note was written or removed.
    NoteChanged: NoteChanged,
    /// The shopper has seen that prices changed.
    PricesSeen: PriceChangesSeen,
    /// Nothing was changed for some time.
    Quiet: CartQuiet,
    /// It is changed again.
    Resumed: CartResumed,
    /// Nothing was changed for a longer time.
    Abandoned: CartAbandoned,
    /// All of it is in another cart now.
    Merged: CartMerged,
    /// It was deleted.
    Deleted: CartDeleted,
    /// Nothing was changed for very long.
    Expired: CartExpired,
}

impl Fact {
    /// The fact that an event of this service tells; none if it tells that nothing happened.
    pub(crate) fn of(event: &Envelope) -> serde_json::Result<Option<Self>> {
        if event.is::<CartSnapshot>() {
            Ok(None)
        } else {
            Self::read(&event.kind, event.data.get()).map(Some)
        }
    }
}
