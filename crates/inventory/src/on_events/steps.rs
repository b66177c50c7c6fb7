//! What carts' events say of what their lines want.

use std::collections::BTreeMap;

use bus::Failure;
use envelope::{Envelope, EventSet};
use events::cart::{
    CartAbandoned, CartDeleted, CartEvent, CartExpired, CartMerged, CartQuiet, CartResumed, CartSnapshot,
    ItemAdded, ItemFieldsChanged, ItemMovedBack, ItemQuantityChanged, ItemRemoved, ItemSavedForLater,
    ItemsMergedIn, NoteChanged, PriceChangesSeen, SavedItemRemoved, ShopperAttached,
};
use uuid::Uuid;

use crate::stock::CartLine;

/// What an event says.
pub(super) struct Step<'a> {
    pub event: &'a Envelope,
    pub cart_id: Uuid,
    pub what: What,
}

/// The lines' whole quantities as the event states them, not the differences: so a line is right after its last event, no
/// matter what came before.
pub(super) enum What {
    /// How many pieces a line wants, 0 if it is gone.
    Wants { line: CartLine, wanted: i64 },
    /// These are all lines. `resumes`: they are to be held again.
    Whole { wanted: BTreeMap<String, i64>, resumes: bool },
    /// Nothing has happened in the cart for some time.
    Quiet,
    /// Another cart's lines join this one's.
    TakesOver { from: Uuid, wanted: BTreeMap<String, i64> },
    /// Nothing follows.
    Ends,
}

impl<'a> Step<'a> {
    /// The lines that are named.
    pub fn lines(&self) -> Vec<CartLine> {
        let of = |cart_id, wanted: &BTreeMap<String, i64>| -> Vec<CartLine> {
            wanted.keys().map(|sku| CartLine { cart_id, sku: sku.clone() }).collect()
        };
        match &self.what {
            What::Wants { line, .. } => vec![line.clone()],
            What::Whole { wanted, .. } => of(self.cart_id, wanted),
            What::TakesOver { from, wanted } => [of(*from, wanted), of(self.cart_id, wanted)].concat(),
            What::Quiet | What::Ends => Vec::new(),
        }
    }

    /// The cart, if all of its lines are meant, named or not.
    pub fn whole_cart(&self) -> Option<Uuid> {
        match self.what {
            What::Wants { .. } => None,
            What::TakesOver { from, .. } => Some(from),
            What::Whole { .. } | What::Quiet | What::Ends => Some(self.cart_id),
        }
    }

    /// The cart that is taken over by another one, if this says so, of whichever of the two it is.
    pub fn taken_over(&self) -> Option<Uuid> {
        match self.what {
            What::TakesOver { from, .. } => Some(from),
            What::Ends if self.event.is::<CartMerged>() => Some(self.cart_id),
            _ => None,
        }
    }

    fn read(event: &'a Envelope) -> Result<Option<Self>, Failure> {
        // Not parsed: whatever is wrong with an event that is not used here must not hold up its cart.
        if is_passed_over(event) {
            return Ok(None);
        }
        let Some(cart_event) = CartEvent::read(event)? else { return Ok(None) };
        let (cart_id, what) = match cart_event {
            CartEvent::ItemAdded(ItemAdded { cart_id, sku, line_quantity, .. })
            | CartEvent::ItemMovedBack(ItemMovedBack { cart_id, sku, line_quantity, .. }) => {
                (cart_id, wants(cart_id, sku, line_quantity)?)
            }
            CartEvent::ItemQuantityChanged(ItemQuantityChanged { cart_id, sku, to, .. }) => {
                (cart_id, wants(cart_id, sku, to)?)
            }
            CartEvent::ItemRemoved(ItemRemoved { cart_id, sku, .. })
            | CartEvent::ItemSavedForLater(ItemSavedForLater { cart_id, sku, .. }) => {
                (cart_id, wants(cart_id, sku, 0)?)
            }
            CartEvent::CartSnapshot(CartSnapshot { cart_id, lines }) => {
                let wanted = whole(lines.into_iter().map(|line| (line.sku, line.quantity)))?;
                (cart_id, What::Whole { wanted, resumes: false })
            }
            CartEvent::CartResumed(CartResumed { cart_id, lines }) => {
                let wanted = whole(lines.into_iter().map(|line| (line.sku, line.quantity)))?;
                (cart_id, What::Whole { wanted, resumes: true })
            }
            CartEvent::ItemsMergedIn(ItemsMergedIn { cart_id, from_cart_id: from, lines, .. }) => {
                let wanted = whole(lines.into_iter().map(|line| (line.sku, line.line_quantity)))?;
                (cart_id, What::TakesOver { from, wanted })
            }
            CartEvent::CartQuiet(CartQuiet { cart_id, .. }) => (cart_id, What::Quiet),
            CartEvent::CartMerged(CartMerged { cart_id, .. })
            | CartEvent::CartDeleted(CartDeleted { cart_id })
            | CartEvent::CartExpired(CartExpired { cart_id }) => (cart_id, What::Ends),
            CartEvent::ShopperAttached(_)
            | CartEvent::SavedItemRemoved(_)
            | CartEvent::ItemFieldsChanged(_)
            | CartEvent::NoteChanged(_)
            | CartEvent::PriceChangesSeen(_)
            | CartEvent::CartAbandoned(_) => return Ok(None),
        };
        Ok(Some(Self { event, cart_id, what }))
    }
}

/// What these events say, in order. Carts that were merged into others come last: if the other's event is in the batch too,
/// what is held moves along with it, whichever comes first.
pub(super) fn read<'a>(events: &[&'a Envelope]) -> Result<Vec<Step<'a>>, Failure> {
    let mut steps = Vec::with_capacity(events.len());
    for event in events {
        steps.extend(Step::read(event)?);
    }
    steps.sort_by_key(|step| step.event.is::<CartMerged>());
    Ok(steps)
}

fn wants(cart_id: Uuid, sku: String, wanted: i64) -> Result<What, Failure> {
    let (sku, wanted) = checked(sku, wanted)?;
    Ok(What::Wants { line: CartLine { cart_id, sku }, wanted })
}

fn whole(lines: impl Iterator<Item = (String, i64)>) -> Result<BTreeMap<String, i64>, Failure> {
    lines.map(|(sku, wanted)| checked(sku, wanted)).collect()
}

fn checked(sku: String, wanted: i64) -> Result<(String, i64), Failure> {
    if wanted < 0 {
        let reason = format!("the cart's line of '{sku}' has {wanted} pieces: less than none");
        return Err(Failure::permanent(reason));
    }
    Ok((sku, wanted))
}

fn is_passed_over(event: &Envelope) -> bool {
    event.is::<ShopperAttached>()
        || event.is::<SavedItemRemoved>()
        || event.is::<ItemFieldsChanged>()
        || event.is::<NoteChanged>()
        || event.is::<PriceChangesSeen>()
        || event.is::<CartAbandoned>()
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock};
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn broken_data_of_an_event_that_is_not_used_is_passed_over() {
        let (cause, time) = (Cause::started_by("a test"), Clock::system().now());
        let removed = ItemRemoved { cart_id: Uuid::nil(), sku: "1".into(), quantity: 1 };
        let mut removed = Envelope::new(&removed, &cause, time).unwrap();
        removed.data = RawValue::from_string("{}".into()).unwrap();
        assert!(Step::read(&removed).is_err());
        let attached =
            ShopperAttached { cart_id: Uuid::nil(), email: "ann@example.test".into(), language: "en".into() };
        let mut attached = Envelope::new(&attached, &cause, time).unwrap();
        attached.data = removed.data;
        assert!(Step::read(&attached).unwrap().is_none());
    }
}
