//! What inventory does when a cart's line changes.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler, Outbox, OutboxError};
use envelope::{Envelope, EventSet};
use events::cart::{CartEvent, CartSnapshot, ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
use events::inventory::{AvailabilityChanged, StockHeld, StockReleased, StockShort};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::stock::{CartLine, Outcome, Warehouse, availability_changed};
use crate::store;

/// Holds stock for carts as their events arrive.
pub struct Inventory {
    outbox: Outbox,
}

/// A line wants another number of pieces.
struct Change<'a> {
    event: &'a Envelope,
    line: CartLine,
    wanted: i64,
}

impl<'a> Change<'a> {
    fn new(event: &'a Envelope, line: CartLine, wanted: i64) -> Result<Self, Failure> {
        if wanted < 0 {
            let sku = &line.sku;
            let reason = format!("the cart's line of '{sku}' has {wanted} pieces: less than none");
            return Err(Failure::permanent(reason));
        }
        Ok(Self { event, line, wanted })
    }

    /// Whether a snapshot says what is known.
    fn says_nothing_new(&self, warehouse: &Warehouse) -> bool {
        let known = warehouse.holds.get(&self.line).map_or(0, |hold| hold.wanted);
        self.event.is::<CartSnapshot>() && known == self.wanted
    }
}

impl Inventory {
    /// Outcomes are written into this outbox.
    #[must_use]
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox }
    }

    fn answer(&self, change: &Change<'_>, outcome: Outcome) -> Result<Envelope, OutboxError> {
        let cause = change.event.as_cause();
        let CartLine { cart_id, sku } = change.line.clone();
        match outcome {
            Outcome::Held { held } => self.outbox.wrap(&StockHeld { cart_id, sku, held }, &cause),
            Outcome::Short { wanted, held } => {
                self.outbox.wrap(&StockShort { cart_id, sku, wanted, held }, &cause)
            }
            Outcome::Released { released } => {
                self.outbox.wrap(&StockReleased { cart_id, sku, released }, &cause)
            }
        }
    }
}

impl Handler for Inventory {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let snapshots = snapshots(events)?;
        let held = if snapshots.is_empty() {
            BTreeMap::new()
        } else {
            store::held_for(connection, &snapshots).await?
        };
        let changes = read(events, held)?;
        if changes.is_empty() {
            return Ok(());
        }
        let lines: BTreeSet<&CartLine> = changes.iter().map(|change| &change.line).collect();
        let before = store::lock_warehouse(connection, &lines).await?;
        let mut after = before.clone();
        let mut answers = Vec::with_capacity(changes.len());
        for change in &changes {
            if change.says_nothing_new(&after) {
                continue;
            }
            let sku = &change.line.sku;
            let before_it = after.available(sku);
            let outcome = after.set_wanted(&change.line, change.wanted);
            answers.push(self.answer(change, outcome)?);
            let available = after.available(sku);
            if availability_changed(before_it, available) {
                let event = AvailabilityChanged { sku: sku.clone(), available };
                answers.push(self.outbox.wrap(&event, &change.event.as_cause())?);
            }
        }
        store::save_warehouse(connection, &before, &after).await?;
        self.outbox.append(connection, answers).await?;
        Ok(())
    }
}

/// `held`: what is held for the carts of which some event tells all lines.
fn read<'a>(
    events: &[&'a Envelope],
    mut held: BTreeMap<Uuid, BTreeSet<String>>,
) -> Result<Vec<Change<'a>>, Failure> {
    let mut changes = Vec::with_capacity(events.len());
    for event in events {
        if let Some(snapshot) = event.read::<CartSnapshot>()? {
            let held = held.remove(&snapshot.cart_id).unwrap_or_default();
            changes.extend(snapshot_changes(event, snapshot, held, &changes)?);
        } else {
            changes.extend(change(event)?);
        }
    }
    Ok(changes)
}

/// The carts of which some of these events tell all lines.
fn snapshots(events: &[&Envelope]) -> Result<Vec<Uuid>, Failure> {
    let mut carts = Vec::new();
    for event in events {
        carts.extend(event.read::<CartSnapshot>()?.map(|snapshot| snapshot.cart_id));
    }
    Ok(carts)
}

/// What a snapshot says of each line, and of those that are gone.
fn snapshot_changes<'a>(
    event: &'a Envelope,
    CartSnapshot { cart_id, lines }: CartSnapshot,
    mut skus: BTreeSet<String>,
    before: &[Change<'_>],
) -> Result<Vec<Change<'a>>, Failure> {
    let of_cart = before.iter().filter(|change| change.line.cart_id == cart_id);
    skus.extend(of_cart.map(|change| change.line.sku.clone()));
    let mut wanted: BTreeMap<String, i64> = skus.into_iter().map(|sku| (sku, 0)).collect();
    wanted.extend(lines.into_iter().map(|line| (line.sku, line.quantity)));
    let change = |(sku, wanted)| Change::new(event, CartLine { cart_id, sku }, wanted);
    wanted.into_iter().map(change).collect()
}

/// The line's whole quantity as the event states it, not the difference: so a line is right after its last event,
/// no matter what came before.
fn change(event: &Envelope) -> Result<Option<Change<'_>>, Failure> {
    // Not parsed: whatever is wrong with an event that is not used here must not hold up its cart.
    if event.is::<ShopperAttached>() {
        return Ok(None);
    }
    let Some(cart_event) = CartEvent::read(event)? else { return Ok(None) };
    let (cart_id, sku, wanted) = match cart_event {
        CartEvent::ItemAdded(ItemAdded { cart_id, sku, line_quantity, .. }) => (cart_id, sku, line_quantity),
        CartEvent::ItemQuantityChanged(ItemQuantityChanged { cart_id, sku, to, .. }) => (cart_id, sku, to),
        CartEvent::ItemRemoved(ItemRemoved { cart_id, sku, .. }) => (cart_id, sku, 0),
        CartEvent::ShopperAttached(_) | CartEvent::CartSnapshot(_) => return Ok(None),
    };
    Change::new(event, CartLine { cart_id, sku }, wanted).map(Some)
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
        assert!(change(&removed).is_err());
        let attached =
            ShopperAttached { cart_id: Uuid::nil(), email: "ann@example.test".into(), language: "en".into() };
        let mut attached = Envelope::new(&attached, &cause, time).unwrap();
        attached.data = removed.data;
        assert!(change(&attached).unwrap().is_none());
    }
}
