//! What recommend does on which event: it keeps what is in the carts, and appends what the model learns to the journal.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::{Envelope, EventSet};
use events::cart::{
    CartEvent, CartSnapshot, ItemAdded, ItemQuantityChanged, ItemRemoved, LineSnapshot, ShopperAttached,
};
use events::catalog::{ProductChanged, ProductEvent, ProductRetired, ProductScheduled};
use events::inventory::{AvailabilityChanged, StockChanged, StockEvent};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{CartChange, CartChangeKind, Change, ProductChange, ProductChangeKind, Shopper};
use crate::store::{self, CartItem};

/// Handles events of carts, products and stock.
pub struct Recommend;

/// What a batch of events changes.
#[derive(Default)]
struct BatchEffects {
    /// What the model learns, in order.
    changes: Vec<PendingChange>,
    /// The items that the batch touches, as they are after it; none for an item that was removed.
    items: BTreeMap<(Uuid, String), Option<ItemState>>,
    /// What was in the carts, before the batch, of which some event tells all lines.
    known: BTreeMap<Uuid, BTreeSet<String>>,
}

/// A change that the model learns. One that attaches a shopper is complete only with the key for shoppers' numbers.
enum PendingChange {
    Complete(Change),
    Attached { change: CartChange, email: String },
}

/// See [`CartItem`].
#[derive(Clone, Copy)]
struct ItemState {
    quantity: i64,
    added_at: Option<i64>,
}

impl Handler for Recommend {
    const PROJECTS: bool = true;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let carts = snapshots(events)?;
        let known =
            if carts.is_empty() { BTreeMap::new() } else { store::skus_in(connection, &carts).await? };
        let effects = BatchEffects::read(events, known)?;
        let (mut present, mut removed) = (Vec::new(), Vec::new());
        for ((cart, sku), item) in &effects.items {
            match item {
                Some(ItemState { quantity, added_at }) => {
                    present.push(CartItem { cart: *cart, sku, quantity: *quantity, added_at: *added_at });
                }
                None => removed.push((*cart, sku.as_str())),
            }
        }
        store::write_items(connection, &present).await?;
        store::delete_items(connection, &removed).await?;
        // Last, since nobody else can append until this is committed.
        let changes = effects.changes(connection).await?;
        store::append(connection, &changes).await?;
        Ok(())
    }

    async fn clear(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        store::clear(connection).await
    }
}

impl BatchEffects {
    /// `known`: what is in the carts of which some event tells all lines.
    fn read(events: &[&Envelope], known: BTreeMap<Uuid, BTreeSet<String>>) -> Result<Self, Failure> {
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
            | StockEvent::AvailabilityChanged(AvailabilityChanged { sku, available })) = of_stock;
            self.of_product(event, sku, ProductChangeKind::Stock { available })
        } else {
            Ok(())
        }
    }

    fn add_of_cart(&mut self, event: &Envelope, of_cart: CartEvent) -> Result<(), Failure> {
        match of_cart {
            CartEvent::ItemAdded(ItemAdded { cart_id, sku, quantity, line_quantity, .. }) => {
                // Nothing is learned from more units of a product that is in the cart.
                let is_new = quantity == line_quantity;
                self.put(event, cart_id, &sku, line_quantity, is_new)?;
                if is_new {
                    self.in_cart(event, cart_id, CartChangeKind::Added { sku });
                }
            }
            CartEvent::ItemQuantityChanged(ItemQuantityChanged { cart_id, sku, to, .. }) => {
                self.put(event, cart_id, &sku, to, false)?;
            }
            CartEvent::ItemRemoved(ItemRemoved { cart_id, sku, .. }) => {
                expect_subject(event, &cart_id.to_string())?;
                self.remove(event, cart_id, sku);
            }
            CartEvent::CartSnapshot(snapshot) => self.add_snapshot(event, snapshot)?,
            CartEvent::ShopperAttached(ShopperAttached { cart_id, email, .. }) => {
                expect_subject(event, &cart_id.to_string())?;
                let shopper = Shopper(0);
                let change = cart_change(event, cart_id, CartChangeKind::Attached { shopper });
                self.changes.push(PendingChange::Attached { change, email });
            }
        }
        Ok(())
    }

    /// What is in the cart, and nothing else.
    fn add_snapshot(
        &mut self,
        event: &Envelope,
        CartSnapshot { cart_id, lines }: CartSnapshot,
    ) -> Result<(), Failure> {
        let in_batch = self.items.iter().filter(|((cart, _), item)| *cart == cart_id && item.is_some());
        let mut known: BTreeSet<String> = in_batch.map(|((_, sku), _)| sku.clone()).collect();
        known.extend(self.known.remove(&cart_id).unwrap_or_default());
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
    async fn changes(self, connection: &mut PgConnection) -> sqlx::Result<Vec<Change>> {
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

/// The carts of which some of these events tell all lines.
fn snapshots(events: &[&Envelope]) -> Result<Vec<Uuid>, Failure> {
    let mut carts = Vec::new();
    for event in events {
        carts.extend(event.read::<CartSnapshot>()?.map(|snapshot| snapshot.cart_id));
    }
    Ok(carts)
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
