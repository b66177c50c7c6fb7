//! What one of inventory's own events changed: stock or a hold.

use bus::Failure;
use envelope::{Envelope, EventSet};
use events::inventory::{
    HoldEvent, HoldsEnded, StockChanged, StockEvent, StockHeld, StockReleased, StockShort,
};
use uuid::Uuid;

use crate::stock::CartLine;

/// The state that an event reports: what is on hand of a product, or how much a cart holds.
pub(super) enum StateChange {
    OnHand { sku: String, on_hand: i64 },
    Hold { line: CartLine, wanted: i64, held: i64 },
    HoldLapsed { line: CartLine },
    HoldsEnded { cart_id: Uuid },
}

/// One of inventory's own events that changed something.
pub(super) struct OwnEvent {
    pub change: StateChange,
    /// The cart's event that it followed from; none, if it is about what another cart gained or lost by that.
    pub direct_effect_of: Option<Uuid>,
}

impl OwnEvent {
    /// Reads an event; `None` if it changed nothing.
    pub fn read(event: &Envelope) -> Result<Option<Self>, Failure> {
        if let Some(StockEvent::StockChanged(StockChanged { sku, on_hand, .. })) = StockEvent::read(event)? {
            return Ok(Some(Self { change: StateChange::OnHand { sku, on_hand }, direct_effect_of: None }));
        }
        let Some(hold) = HoldEvent::read(event)? else { return Ok(None) };
        let direct_effect_of = event.cause.causation_id.filter(|_| is_direct_effect(&hold));
        Ok(of_hold(hold).map(|change| Self { change, direct_effect_of }))
    }
}

fn of_hold(event: HoldEvent) -> Option<StateChange> {
    let (cart_id, sku, wanted, held) = match event {
        HoldEvent::StockHeld(StockHeld { cart_id, sku, held, .. }) => (cart_id, sku, held, held),
        HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held, .. }) => (cart_id, sku, wanted, held),
        HoldEvent::StockReleased(StockReleased { cart_id, sku, lapsed: true, .. }) => {
            return Some(StateChange::HoldLapsed { line: CartLine { cart_id, sku } });
        }
        HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => (cart_id, sku, 0, 0),
        HoldEvent::HoldsEnded(HoldsEnded { cart_id }) => return Some(StateChange::HoldsEnded { cart_id }),
        HoldEvent::HoldsSnapshot(_) => return None,
    };
    Some(StateChange::Hold { line: CartLine { cart_id, sku }, wanted, held })
}

/// Whether it is about the cart whose event caused it, not about what another cart gained or lost by it.
fn is_direct_effect(event: &HoldEvent) -> bool {
    match event {
        HoldEvent::StockHeld(StockHeld { filled, .. }) => filled.is_none(),
        HoldEvent::StockShort(StockShort { filled, cut, .. }) => filled.is_none() && cut.is_none(),
        HoldEvent::StockReleased(_) | HoldEvent::HoldsEnded(_) | HoldEvent::HoldsSnapshot(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_cart_gained_or_lost_is_no_direct_effect() {
        let (cart_id, sku) = (Uuid::nil(), || "cup".to_owned());
        let held = |filled| HoldEvent::StockHeld(StockHeld { cart_id, sku: sku(), held: 1, filled });
        let short = |filled, cut| {
            HoldEvent::StockShort(StockShort { cart_id, sku: sku(), wanted: 2, held: 1, filled, cut })
        };
        assert!(is_direct_effect(&held(None)) && is_direct_effect(&short(None, None)));
        for of_another in [held(Some(1)), short(Some(1), None), short(None, Some(1))] {
            assert!(!is_direct_effect(&of_another));
        }
    }
}
