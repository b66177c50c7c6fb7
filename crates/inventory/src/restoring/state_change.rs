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

impl StateChange {
    /// Reads the change from an event; `None` if it changed nothing.
    pub fn read(event: &Envelope) -> Result<Option<Self>, Failure> {
        if let Some(StockEvent::StockChanged(StockChanged { sku, on_hand, .. })) = StockEvent::read(event)? {
            return Ok(Some(Self::OnHand { sku, on_hand }));
        }
        Ok(HoldEvent::read(event)?.and_then(of_hold))
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

/// Whether the event is about the cart whose event caused it, not about what another cart gained or lost by it.
pub(super) fn is_direct_effect(event: &Envelope) -> bool {
    match HoldEvent::read(event) {
        Ok(Some(HoldEvent::StockHeld(StockHeld { filled, .. }))) => filled.is_none(),
        Ok(Some(HoldEvent::StockShort(StockShort { filled, cut, .. }))) => filled.is_none() && cut.is_none(),
        _ => HoldEvent::TYPES.contains(&event.kind.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock, EventType};

    use super::*;

    fn event<E: EventType>(fact: &E) -> Envelope {
        Envelope::new(fact, &Cause::started_by("a test"), Clock::system().now()).unwrap()
    }

    #[test]
    fn what_another_cart_gained_or_lost_is_no_direct_effect() {
        let (cart_id, sku) = (Uuid::nil(), || "cup".to_owned());
        let held = |filled| event(&StockHeld { cart_id, sku: sku(), held: 1, filled });
        let short = |filled, cut| event(&StockShort { cart_id, sku: sku(), wanted: 2, held: 1, filled, cut });
        assert!(is_direct_effect(&held(None)) && is_direct_effect(&short(None, None)));
        for of_another in [held(Some(1)), short(Some(1), None), short(None, Some(1))] {
            assert!(!is_direct_effect(&of_another));
        }
    }
}
