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

/// An event that was read.
pub(super) struct Statement {
    pub said: Said,
    /// The cart's event that it answers; none, if it is about what another cart got or lost by that.
    pub answers: Option<Uuid>,
}

/// What an event says, if anything has changed by it.
pub(super) fn read(event: &Envelope) -> Result<Option<Statement>, Failure> {
    if let Some(StockEvent::StockChanged(StockChanged { sku, on_hand, .. })) = StockEvent::read(event)? {
        return Ok(Some(Statement { said: Said::OnHand { sku, on_hand }, answers: None }));
    }
    let Some(hold) = HoldEvent::read(event)? else { return Ok(None) };
    let answers = event.cause.causation_id.filter(|_| is_answer(&hold));
    Ok(said(hold).map(|said| Statement { said, answers }))
}

fn said(event: HoldEvent) -> Option<Said> {
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

fn is_answer(event: &HoldEvent) -> bool {
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
    fn what_others_got_or_lost_does_not_answer_the_event_that_it_followed_from() {
        let (cart_id, sku) = (Uuid::nil(), || "cup".to_owned());
        let held = |filled| HoldEvent::StockHeld(StockHeld { cart_id, sku: sku(), held: 1, filled });
        let short = |filled, cut| {
            HoldEvent::StockShort(StockShort { cart_id, sku: sku(), wanted: 2, held: 1, filled, cut })
        };
        assert!(is_answer(&held(None)) && is_answer(&short(None, None)));
        for of_another in [held(Some(1)), short(Some(1), None), short(None, Some(1))] {
            assert!(!is_answer(&of_another));
        }
    }
}
