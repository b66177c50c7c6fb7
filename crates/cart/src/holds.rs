//! What inventory holds for the lines of a cart, and what its events say of that.

use std::collections::HashMap;

use events::inventory::{HoldEvent, HoldSnapshot, HoldsEnded, HoldsSnapshot};
use events::inventory::{StockHeld, StockReleased, StockShort};
use uuid::Uuid;

/// What is held for a line, as inventory last reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The quantity that inventory decided on.
    pub wanted: i64,
    /// How many of them are held.
    pub held: i64,
}

/// The holds of a cart, by its lines' SKUs.
pub(crate) type HoldsBySku = HashMap<String, Hold>;

/// What inventory reported on a cart's line: its hold, or none any more.
pub(crate) type HoldChange = Option<Hold>;

/// What an event says.
pub(crate) enum HoldReport {
    /// Of one line.
    Line { sku: String, change: HoldChange },
    /// Of the whole cart: what was known before is void.
    All(HoldsBySku),
}

impl HoldReport {
    /// What the event says, and of which cart.
    pub fn of(event: HoldEvent) -> (Uuid, Self) {
        match event {
            HoldEvent::StockHeld(StockHeld { cart_id, sku, held, .. }) => {
                (cart_id, Self::Line { sku, change: Some(Hold { wanted: held, held }) })
            }
            HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held, .. }) => {
                (cart_id, Self::Line { sku, change: Some(Hold { wanted, held }) })
            }
            HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => {
                (cart_id, Self::Line { sku, change: None })
            }
            HoldEvent::HoldsSnapshot(HoldsSnapshot { cart_id, holds }) => {
                let hold = |HoldSnapshot { sku, wanted, held }| (sku, Hold { wanted, held });
                (cart_id, Self::All(holds.into_iter().map(hold).collect()))
            }
            HoldEvent::HoldsEnded(HoldsEnded { cart_id }) => (cart_id, Self::All(HoldsBySku::new())),
        }
    }

    /// Makes holds what they are after the event.
    pub fn apply(self, holds: &mut HoldsBySku) {
        match self {
            Self::Line { sku, change: Some(hold) } => drop(holds.insert(sku, hold)),
            Self::Line { sku, change: None } => drop(holds.remove(&sku)),
            Self::All(all) => *holds = all,
        }
    }
}
