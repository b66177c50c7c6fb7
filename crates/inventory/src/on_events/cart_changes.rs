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
pub(crate) struct CartChange<'a> {
    pub event: &'a Envelope,
    pub cart_id: Uuid,
    pub kind: CartChangeKind,
}

/// The lines' whole quantities as the event states them, not the differences: so a line is right after its last event, no
/// matter what came before.
pub(crate) enum CartChangeKind {
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

impl<'a> CartChange<'a> {
    /// The lines that are named.
    pub fn lines(&self) -> Vec<CartLine> {
        let of = |cart_id, wanted: &BTreeMap<String, i64>| -> Vec<CartLine> {
            wanted.keys().map(|sku| CartLine { cart_id, sku: sku.clone() }).collect()
        };
        match &self.kind {
            CartChangeKind::Wants { line, .. } => vec![line.clone()],
            CartChangeKind::Whole { wanted, .. } => of(self.cart_id, wanted),
            CartChangeKind::TakesOver { from, wanted } => {
                [of(*from, wanted), of(self.cart_id, wanted)].concat()
            }
            CartChangeKind::Quiet | CartChangeKind::Ends => Vec::new(),
        }
    }

    /// What each line wants that the event is about; none if it doesn't name them.
    pub fn wanted(&self) -> Option<&BTreeMap<String, i64>> {
        match &self.kind {
            CartChangeKind::Whole { wanted, .. } | CartChangeKind::TakesOver { wanted, .. } => Some(wanted),
            CartChangeKind::Wants { .. } | CartChangeKind::Quiet | CartChangeKind::Ends => None,
        }
    }

    /// The cart, if all of its lines are meant, named or not.
    pub fn whole_cart(&self) -> Option<Uuid> {
        match self.kind {
            CartChangeKind::Wants { .. } => None,
            CartChangeKind::TakesOver { from, .. } => Some(from),
            CartChangeKind::Whole { .. } | CartChangeKind::Quiet | CartChangeKind::Ends => Some(self.cart_id),
        }
    }

    /// The cart that is taken over by another one, if this says so, of whichever of the two it is.
    pub fn taken_over(&self) -> Option<Uuid> {
        match self.kind {
            CartChangeKind::TakesOver { from, .. } => Some(from),
            CartChangeKind::Ends if self.event.is::<CartMerged>() => Some(self.cart_id),
            _ => None,
        }
    }

    /// What an event says, if it matters here.
    pub fn read(event: &'a Envelope) -> Result<Option<Self>, Failure> {
        // Not parsed: whatever is wrong with an event that is not used here must not hold up its cart.
        if is_passed_over(event) {
            return Ok(None);
        }
        let Some(cart_event) = CartEvent::read(event)? else { return Ok(None) };
        let (cart_id, kind) = match cart_event {
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
                (cart_id, CartChangeKind::Whole { wanted, resumes: false })
            }
            CartEvent::CartResumed(CartResumed { cart_id, lines }) => {
                let wanted = whole(lines.into_iter().map(|line| (line.sku, line.quantity)))?;
                (cart_id, CartChangeKind::Whole { wanted, resumes: true })
            }
            CartEvent::ItemsMergedIn(ItemsMergedIn { cart_id, from_cart_id: from, lines, .. }) => {
                let wanted = whole(lines.into_iter().map(|line| (line.sku, line.line_quantity)))?;
                (cart_id, CartChangeKind::TakesOver { from, wanted })
            }
            CartEvent::CartQuiet(CartQuiet { cart_id, .. }) => (cart_id, CartChangeKind::Quiet),
            CartEvent::CartMerged(CartMerged { cart_id, .. })
            | CartEvent::CartDeleted(CartDeleted { cart_id })
            | CartEvent::CartExpired(CartExpired { cart_id }) => (cart_id, CartChangeKind::Ends),
            CartEvent::ShopperAttached(_)
            | CartEvent::SavedItemRemoved(_)
            | CartEvent::ItemFieldsChanged(_)
            | CartEvent::NoteChanged(_)
            | CartEvent::PriceChangesSeen(_)
            | CartEvent::CartAbandoned(_) => return Ok(None),
        };
        Ok(Some(Self { event, cart_id, kind }))
    }
}

/// What these events say, in order. Carts that were merged into others come last: if the other's event is in the batch too,
/// what is held moves along with it, whichever comes first.
pub(super) fn read<'a>(events: &[&'a Envelope]) -> Result<Vec<CartChange<'a>>, Failure> {
    let mut changes = Vec::with_capacity(events.len());
    for event in events {
        changes.extend(CartChange::read(event)?);
    }
    changes.sort_by_key(|change| change.event.is::<CartMerged>());
    Ok(changes)
}

fn wants(cart_id: Uuid, sku: String, wanted: i64) -> Result<CartChangeKind, Failure> {
    let (sku, wanted) = checked(sku, wanted)?;
    Ok(CartChangeKind::Wants { line: CartLine { cart_id, sku }, wanted })
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
        assert!(CartChange::read(&removed).is_err());
        let attached =
            ShopperAttached { cart_id: Uuid::nil(), email: "ann@example.test".into(), language: "en".into() };
        let mut attached = Envelope::new(&attached, &cause, time).unwrap();
        attached.data = removed.data;
        assert!(CartChange::read(&attached).unwrap().is_none());
    }
}
