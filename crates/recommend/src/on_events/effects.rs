//! What a batch of events changes.

use std::collections::{BTreeMap, BTreeSet};

use bus::Failure;
use envelope::{Envelope, EventSet};
use events::cart::{
    CartDeleted, CartEvent, CartExpired, CartMerged, CartSnapshot, ItemAdded, ItemMovedBack,
    ItemQuantityChanged, ItemRemoved, ItemSavedForLater, LineSnapshot, MergedLine, ShopperAttached,
};
use events::catalog::{ProductChanged, ProductEvent, ProductRetired, ProductScheduled};
use events::inventory::{AvailabilityChanged, StockChanged, StockEvent};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{CartChange, CartChangeKind, Change, ProductChange, ProductChangeKind, Shopper};
use crate::store;

/// What a batch of events changes.
#[derive(Default)]
pub(super) struct BatchEffects {
    /// What the model learns, in order.
    changes: Vec<PendingChange>,
    /// The items that the batch touches, as they are after it; none for an item that was removed.
    pub items: BTreeMap<(Uuid, String), Option<ItemState>>,
    /// What was in the carts, before the batch, of which some event tells all lines.
    known: BTreeMap<Uuid, BTreeSet<String>>,
}

/// A change that the model learns. One that attaches a shopper is complete only with the key for shoppers' numbers.
enum PendingChange {
    Complete(Change),
    Attached { change: CartChange, email: String },
}

/// See [`CartItem`](store::CartItem).
#[derive(Clone, Copy)]
pub(super) struct ItemState {
    pub quantity: i64,
    pub added_at: Option<i64>,
}

impl BatchEffects {
    /// `known`: what is in the carts of which some event tells all lines.
    pub fn read(events: &[&Envelope], known: BTreeMap<Uuid, BTreeSet<String>>) -> Result<Self, Failure> {
        let mut effects = Self { known, ..Self::default() };
        for event in events {
            effects.add(event)?;
        }
        Ok(effects)
    }

    fn add(&mut self, event: &Envelope) -> Result<(), Failure> {
        if let Some(of_cart) = CartEvent::read(event)? {
            self.add_of_cart(event, of_cart)
        } else if let Some(of_product) = ProductEvent::read(event)? {
            self.add_of_product(event, of_product)
        } else if let Some(of_stock) = StockEvent::read(event)? {
            let (StockEvent::StockChanged(StockChanged { sku, available, .. })
            | StockEvent::AvailabilityChanged(AvailabilityChanged { sku, available, .. })) = of_stock;
            self.of_product(event, sku, ProductChangeKind::Stock { available })
        } else {
            Ok(())
        }
    }

    fn add_of_cart(&mut self, event: &Envelope, of_cart: CartEvent) -> Result<(), Failure> {
        match of_cart {
            CartEvent::ItemAdded(ItemAdded { cart_id, sku, quantity, line_quantity, .. })
            | CartEvent::ItemMovedBack(ItemMovedBack { cart_id, sku, quantity, line_quantity, .. }) => {
                self.added(event, cart_id, sku, quantity, line_quantity)?;
            }
            CartEvent::ItemQuantityChanged(ItemQuantityChanged { cart_id, sku, to, .. }) => {
                self.put(event, cart_id, &sku, to, false)?;
            }
            CartEvent::ItemRemoved(ItemRemoved { cart_id, sku, .. })
            | CartEvent::ItemSavedForLater(ItemSavedForLater { cart_id, sku, .. }) => {
                expect_subject(event, &cart_id.to_string())?;
                self.remove(event, cart_id, sku);
            }
            CartEvent::ItemsMergedIn(merged) => {
                for MergedLine { sku, quantity, line_quantity, .. } in merged.lines {
                    self.added(event, merged.cart_id, sku, quantity, line_quantity)?;
                }
            }
            CartEvent::CartSnapshot(snapshot) => self.add_snapshot(event, snapshot)?,
            CartEvent::CartMerged(CartMerged { cart_id, .. })
            | CartEvent::CartDeleted(CartDeleted { cart_id })
            | CartEvent::CartExpired(CartExpired { cart_id }) => self.close(event, cart_id)?,
            CartEvent::ShopperAttached(ShopperAttached { cart_id, email, .. }) => {
                expect_subject(event, &cart_id.to_string())?;
                let shopper = Shopper(0);
                let change = cart_change(event, cart_id, CartChangeKind::Attached { shopper });
                self.changes.push(PendingChange::Attached { change, email });
            }
            CartEvent::SavedItemRemoved(_)
            | CartEvent::ItemFieldsChanged(_)
            | CartEvent::NoteChanged(_)
            | CartEvent::PriceChangesSeen(_)
            | CartEvent::CartQuiet(_)
            | CartEvent::CartResumed(_)
            | CartEvent::CartAbandoned(_) => {}
        }
        Ok(())
    }

    fn added(
        &mut self,
        event: &Envelope,
        cart: Uuid,
        sku: String,
        quantity: i64,
        line_quantity: i64,
    ) -> Result<(), Failure> {
        // Nothing is learned from more units of a product that is in the cart.
        let is_new = quantity == line_quantity;
        self.put(event, cart, &sku, line_quantity, is_new)?;
        if is_new {
            self.in_cart(event, cart, CartChangeKind::Added { sku });
        }
        Ok(())
    }

    /// Nothing is in a cart that ended; what was learned from it stays.
    fn close(&mut self, event: &Envelope, cart: Uuid) -> Result<(), Failure> {
        expect_subject(event, &cart.to_string())?;
        for sku in self.known_in(cart) {
            self.items.insert((cart, sku), None);
        }
        self.in_cart(event, cart, CartChangeKind::Closed);
        Ok(())
    }

    /// What was in a cart before the batch, and what came in by now.
    fn known_in(&mut self, cart: Uuid) -> BTreeSet<String> {
        let in_batch = self.items.iter().filter(|((of, _), item)| *of == cart && item.is_some());
        let mut known: BTreeSet<String> = in_batch.map(|((_, sku), _)| sku.clone()).collect();
        known.extend(self.known.remove(&cart).unwrap_or_default());
        known
    }

    /// What is in the cart, and nothing else.
    fn add_snapshot(
        &mut self,
        event: &Envelope,
        CartSnapshot { cart_id, lines }: CartSnapshot,
    ) -> Result<(), Failure> {
        let mut known = self.known_in(cart_id);
        for LineSnapshot { sku, quantity, .. } in lines {
            let is_new = !known.remove(&sku);
            self.put(event, cart_id, &sku, quantity, is_new)?;
            if is_new {
                self.in_cart(event, cart_id, CartChangeKind::Added { sku });
            }
        }
        for sku in known {
            self.remove(event, cart_id, sku);
        }
        Ok(())
    }

    fn remove(&mut self, event: &Envelope, cart: Uuid, sku: String) {
        self.items.insert((cart, sku.clone()), None);
        self.in_cart(event, cart, CartChangeKind::Removed { sku });
    }

    fn add_of_product(&mut self, event: &Envelope, of_product: ProductEvent) -> Result<(), Failure> {
        match of_product {
            ProductEvent::ProductChanged(ProductChanged { sku, name, .. }) => {
                self.of_product(event, sku, ProductChangeKind::Named { name })
            }
            ProductEvent::ProductRetired(ProductRetired { sku })
            | ProductEvent::ProductScheduled(ProductScheduled { sku, .. }) => {
                self.of_product(event, sku, ProductChangeKind::Retired)
            }
            ProductEvent::ProductDescribed(_) => Ok(()),
        }
    }

    fn put(
        &mut self,
        event: &Envelope,
        cart: Uuid,
        sku: &str,
        quantity: i64,
        is_new: bool,
    ) -> Result<(), Failure> {
        expect_subject(event, &cart.to_string())?;
        if quantity < 1 {
            return Err(Failure::permanent(format!("{} with a quantity of {quantity}", event.kind)));
        }
        let item = self.items.entry((cart, sku.to_owned())).or_insert(None);
        // The cart's version gives the order in which its products were added.
        let added_at = if is_new { Some(event.sequence) } else { item.and_then(|item| item.added_at) };
        *item = Some(ItemState { quantity, added_at });
        Ok(())
    }

    fn in_cart(&mut self, event: &Envelope, cart: Uuid, what: CartChangeKind) {
        self.changes.push(PendingChange::Complete(Change::Cart(cart_change(event, cart, what))));
    }

    fn of_product(&mut self, event: &Envelope, sku: String, what: ProductChangeKind) -> Result<(), Failure> {
        expect_subject(event, &sku)?;
        self.changes.push(PendingChange::Complete(Change::Product(ProductChange { sku, what })));
        Ok(())
    }

    /// What the model learns.
    pub async fn changes(self, connection: &mut PgConnection) -> sqlx::Result<Vec<Change>> {
        let attached = |pending: &PendingChange| matches!(pending, PendingChange::Attached { .. });
        let key = if self.changes.iter().any(attached) {
            store::shopper_key(connection).await?
        } else {
            Uuid::nil()
        };
        let complete = |pending| match pending {
            PendingChange::Complete(change) => change,
            PendingChange::Attached { change, email } => {
                let what = CartChangeKind::Attached { shopper: shopper(key, &email) };
                Change::Cart(CartChange { what, ..change })
            }
        };
        Ok(self.changes.into_iter().map(complete).collect())
    }
}

fn cart_change(event: &Envelope, cart: Uuid, what: CartChangeKind) -> CartChange {
    CartChange { cart, version: event.sequence, at: event.time, what }
}

/// The same number for the same address, in upper or lower case.
fn shopper(key: Uuid, email: &str) -> Shopper {
    let hash = Sha256::new().chain_update(key).chain_update(email.trim().to_lowercase()).finalize();
    let first = hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    Shopper(first)
}

/// Events are ordered and locked by subject, so an event must be about its subject.
fn expect_subject(event: &Envelope, about: &str) -> Result<(), Failure> {
    if event.subject == about {
        return Ok(());
    }
    Err(Failure::permanent(format!("{} about '{about}' has the subject '{}'", event.kind, event.subject)))
}
