//! What inventory's own events say of the warehouse.

use bus::Failure;
use envelope::{Envelope, EventSet};
use events::inventory::{
    HoldEvent, HoldsEnded, StockChanged, StockEvent, StockHeld, StockReleased, StockShort,
};
use uuid::Uuid;

use crate::stock::CartLine;

/// What an event says.
pub(super) enum Said {
    OnHand { sku: String, on_hand: i64 },
    Hold { line: CartLine, wanted: i64, held: i64 },
    Lapsed { line: CartLine },
    Ended { cart_id: Uuid },
}

/// What an event says, if anything has changed by it.
pub(super) fn read(event: &Envelope) -> Result<Option<Said>, Failure> {
    if let Some(StockEvent::StockChanged(StockChanged { sku, on_hand, .. })) = StockEvent::read(event)? {
        return Ok(Some(Said::OnHand { sku, on_hand }));
    }
    Ok(HoldEvent::read(event)?.and_then(hold))
}

fn hold(event: HoldEvent) -> Option<Said> {
    let (cart_id, sku, wanted, held) = match event {
        HoldEvent::StockHeld(StockHeld { cart_id, sku, held, .. }) => (cart_id, sku, held, held),
        HoldEvent::StockShort(StockShort { cart_id, sku, wanted, held, .. }) => (cart_id, sku, wanted, held),
        HoldEvent::StockReleased(StockReleased { cart_id, sku, lapsed: true, .. }) => {
            return Some(Said::Lapsed { line: CartLine { cart_id, sku } });
        }
        HoldEvent::StockReleased(StockReleased { cart_id, sku, .. }) => (cart_id, sku, 0, 0),
        HoldEvent::HoldsEnded(HoldsEnded { cart_id }) => return Some(Said::Ended { cart_id }),
        // Nothing has changed.
        HoldEvent::HoldsSnapshot(_) => return None,
    };
    Some(Said::Hold { line: CartLine { cart_id, sku }, wanted, held })
}

/// Whether it answers a cart's event: it is not about what another cart got or lost by that.
pub(super) fn is_answer(event: &Envelope) -> bool {
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
    fn what_others_got_or_lost_does_not_answer_the_event_that_it_followed_from() {
        let (cart_id, sku) = (Uuid::nil(), || "cup".to_owned());
        let held = |filled| event(&StockHeld { cart_id, sku: sku(), held: 1, filled });
        let short = |filled, cut| event(&StockShort { cart_id, sku: sku(), wanted: 2, held: 1, filled, cut });
        assert!(is_answer(&held(None)) && is_answer(&short(None, None)));
        for of_another in [held(Some(1)), short(Some(1), None), short(None, Some(1))] {
            assert!(!is_answer(&of_another));
        }
    }
}
