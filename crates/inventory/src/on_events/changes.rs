//! What carts' events change in what their lines want.

use std::collections::{BTreeMap, BTreeSet};

use bus::Failure;
use envelope::{Envelope, EventSet};
use events::cart::{
    CartAbandoned, CartDeleted, CartEvent, CartExpired, CartMerged, CartQuiet, CartResumed, CartSnapshot,
    ItemAdded, ItemFieldsChanged, ItemMovedBack, ItemQuantityChanged, ItemRemoved, ItemSavedForLater,
    ItemsMergedIn, NoteChanged, PriceChangesSeen, SavedItemRemoved, ShopperAttached,
};
use uuid::Uuid;

use crate::stock::{CartLine, Warehouse};

/// A line wants another number of pieces.
pub(super) struct Change<'a> {
    pub event: &'a Envelope,
    pub line: CartLine,
    /// The line's whole quantity as the event states it, not the difference: so a line is right after its last event, no
    /// matter what came before.
    pub wanted: i64,
    /// The other cart's line that becomes this one.
    pub from: Option<CartLine>,
    /// Whether nothing is to be answered if the line wants that already.
    is_repeat: bool,
}

/// What a batch of events changes.
#[derive(Default)]
pub(super) struct Changes<'a> {
    pub lines: Vec<Change<'a>>,
    /// Carts that ended.
    pub ended: Vec<(&'a Envelope, Uuid)>,
}

impl<'a> Change<'a> {
    fn new(event: &'a Envelope, line: CartLine, wanted: i64) -> Result<Self, Failure> {
        if wanted < 0 {
            let sku = &line.sku;
            let reason = format!("the cart's line of '{sku}' has {wanted} pieces: less than none");
            return Err(Failure::permanent(reason));
        }
        Ok(Self { event, line, wanted, from: None, is_repeat: false })
    }

    /// Whether it says what is known of a line, as a snapshot may.
    pub fn says_nothing_new(&self, warehouse: &Warehouse) -> bool {
        let known = warehouse.holds.get(&self.line).map_or(0, |hold| hold.wanted);
        self.is_repeat && known == self.wanted
    }

    pub fn lines(&self) -> impl Iterator<Item = &CartLine> {
        [&self.line].into_iter().chain(&self.from)
    }
}

impl<'a> Changes<'a> {
    /// `held`: what is held for the carts of which some event tells all lines.
    pub fn read(
        events: &[&'a Envelope],
        mut held: BTreeMap<Uuid, BTreeSet<String>>,
    ) -> Result<Self, Failure> {
        let mut changes = Self::default();
        for event in events {
            changes.take(event, &mut held)?;
        }
        Ok(changes)
    }

    fn take(
        &mut self,
        event: &'a Envelope,
        held: &mut BTreeMap<Uuid, BTreeSet<String>>,
    ) -> Result<(), Failure> {
        if is_passed_over(event) {
            return Ok(());
        }
        let Some(cart_event) = CartEvent::read(event)? else { return Ok(()) };
        let (cart_id, sku, wanted) = match cart_event {
            CartEvent::ItemAdded(ItemAdded { cart_id, sku, line_quantity, .. })
            | CartEvent::ItemMovedBack(ItemMovedBack { cart_id, sku, line_quantity, .. }) => {
                (cart_id, sku, line_quantity)
            }
            CartEvent::ItemQuantityChanged(ItemQuantityChanged { cart_id, sku, to, .. }) => {
                (cart_id, sku, to)
            }
            CartEvent::ItemRemoved(ItemRemoved { cart_id, sku, .. })
            | CartEvent::ItemSavedForLater(ItemSavedForLater { cart_id, sku, .. }) => (cart_id, sku, 0),
            CartEvent::ItemsMergedIn(merged) => return self.merge(event, merged),
            CartEvent::CartSnapshot(CartSnapshot { cart_id, lines }) => {
                let wanted = lines.into_iter().map(|line| (line.sku, line.quantity)).collect();
                return self.tell_whole(event, cart_id, wanted, held);
            }
            CartEvent::CartResumed(CartResumed { cart_id, lines }) => {
                let wanted = lines.into_iter().map(|line| (line.sku, line.quantity)).collect();
                return self.tell_whole(event, cart_id, wanted, held);
            }
            CartEvent::CartQuiet(CartQuiet { cart_id, .. }) => {
                return self.tell_whole(event, cart_id, BTreeMap::new(), held);
            }
            CartEvent::CartMerged(CartMerged { cart_id, .. })
            | CartEvent::CartDeleted(CartDeleted { cart_id })
            | CartEvent::CartExpired(CartExpired { cart_id }) => {
                self.ended.push((event, cart_id));
                return self.tell_whole(event, cart_id, BTreeMap::new(), held);
            }
            CartEvent::ShopperAttached(_)
            | CartEvent::SavedItemRemoved(_)
            | CartEvent::ItemFieldsChanged(_)
            | CartEvent::NoteChanged(_)
            | CartEvent::PriceChangesSeen(_)
            | CartEvent::CartAbandoned(_) => return Ok(()),
        };
        self.lines.push(Change::new(event, CartLine { cart_id, sku }, wanted)?);
        Ok(())
    }

    /// Lines of another cart become, or join, this cart's, and what is held for them comes along.
    fn merge(&mut self, event: &'a Envelope, merged: ItemsMergedIn) -> Result<(), Failure> {
        let (cart_id, other) = (merged.cart_id, merged.from_cart_id);
        for line in merged.lines {
            let from = Some(CartLine { cart_id: other, sku: line.sku.clone() });
            let line = Change::new(event, CartLine { cart_id, sku: line.sku }, line.line_quantity)?;
            self.lines.push(Change { from, ..line });
        }
        Ok(())
    }

    /// What each line of a cart wants, and that those that are not among them want nothing.
    fn tell_whole(
        &mut self,
        event: &'a Envelope,
        cart_id: Uuid,
        wanted: BTreeMap<String, i64>,
        held: &mut BTreeMap<Uuid, BTreeSet<String>>,
    ) -> Result<(), Failure> {
        let mut skus = held.remove(&cart_id).unwrap_or_default();
        let of_cart = self.lines.iter().flat_map(Change::lines).filter(|line| line.cart_id == cart_id);
        skus.extend(of_cart.map(|line| line.sku.clone()));
        let mut whole: BTreeMap<String, i64> = skus.into_iter().map(|sku| (sku, 0)).collect();
        whole.extend(wanted);
        for (sku, wanted) in whole {
            let change = Change::new(event, CartLine { cart_id, sku }, wanted)?;
            self.lines.push(Change { is_repeat: true, ..change });
        }
        Ok(())
    }
}

/// Not parsed: whatever is wrong with an event that is not used here must not hold up its cart.
fn is_passed_over(event: &Envelope) -> bool {
    event.is::<ShopperAttached>()
        || event.is::<SavedItemRemoved>()
        || event.is::<ItemFieldsChanged>()
        || event.is::<NoteChanged>()
        || event.is::<PriceChangesSeen>()
        || event.is::<CartAbandoned>()
}

/// The carts of which some of these events tell all lines.
pub(super) fn carts_told_whole(events: &[&Envelope]) -> Result<Vec<Uuid>, Failure> {
    let mut carts = Vec::new();
    for event in events {
        let tells = event.is::<CartSnapshot>()
            || event.is::<CartResumed>()
            || event.is::<CartQuiet>()
            || event.is::<CartMerged>()
            || event.is::<CartDeleted>()
            || event.is::<CartExpired>();
        if tells {
            carts.push(event.subject.parse().map_err(|error: uuid::Error| Failure::permanent(error))?);
        }
    }
    Ok(carts)
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock};
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn broken_data_of_an_event_that_is_not_used_is_passed_over() {
        let (cause, time) = (Cause::started_by("a test"), Clock::system().now());
        let changes =
            |event: &Envelope| Changes::read(&[event], BTreeMap::new()).map(|changes| changes.lines.len());
        let removed = ItemRemoved { cart_id: Uuid::nil(), sku: "1".into(), quantity: 1 };
        let mut removed = Envelope::new(&removed, &cause, time).unwrap();
        removed.data = RawValue::from_string("{}".into()).unwrap();
        assert!(changes(&removed).is_err());
        let attached =
            ShopperAttached { cart_id: Uuid::nil(), email: "ann@example.test".into(), language: "en".into() };
        let mut attached = Envelope::new(&attached, &cause, time).unwrap();
        attached.data = removed.data;
        assert_eq!(changes(&attached).unwrap(), 0);
    }
}
