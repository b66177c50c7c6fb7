use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::baskets::Basket;
use recommend::model::{CartChange, CartChangeKind, Change, ProductChange, ProductChangeKind};

/// One addition in this many is followed by one that is taken back. It must leave no trace.
const REMOVAL_EVERY: u64 = 20;

/// Plays baskets as carts: each product comes in by itself, now and then one comes that goes again, and at the end the
/// cart is closed.
#[derive(Default)]
pub struct Stream {
    /// The events so far.
    pub events: u64,
    /// How many of them took an addition back.
    pub taken_back: u64,
    carts: u128,
    additions: u64,
    products: Vec<Arc<str>>,
    known: HashSet<Arc<str>>,
}

impl Stream {
    /// Introduces the products of these baskets by name, as the catalog does. Only they are suggested.
    pub fn introduce(&mut self, baskets: &[Basket], mut learn: impl FnMut(&Change)) {
        for sku in baskets.iter().flat_map(|basket| &basket.items) {
            if self.known.insert(sku.clone()) {
                self.products.push(sku.clone());
                let (sku, name) = (sku.to_string(), sku.to_string());
                let what = ProductChangeKind::Named { name };
                learn(&Change::Product(ProductChange { sku, what }));
            }
        }
    }

    /// Whether the product was introduced.
    pub fn knows(&self, sku: &str) -> bool {
        self.known.contains(sku)
    }

    /// Plays a basket.
    pub fn play(&mut self, basket: &Basket, mut learn: impl FnMut(&Change)) {
        self.carts += 1;
        let mut cart = Cart { id: Uuid::from_u128(self.carts), version: 0, at: basket.time };
        for sku in &basket.items {
            learn(&cart.next(CartChangeKind::Added { sku: sku.to_string() }));
            if let Some(sku) = self.added_and_removed(basket) {
                learn(&cart.next(CartChangeKind::Added { sku: sku.to_string() }));
                learn(&cart.next(CartChangeKind::Removed { sku: sku.to_string() }));
            }
        }
        learn(&cart.next(CartChangeKind::Closed));
        self.events += cart.version.unsigned_abs();
    }

    /// Now and then a product that is not in the basket, a different one each time: it is added and removed again.
    fn added_and_removed(&mut self, basket: &Basket) -> Option<Arc<str>> {
        self.additions += 1;
        if !self.additions.is_multiple_of(REMOVAL_EVERY) {
            return None;
        }
        let place = self.additions.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let sku = self.products.get(usize::try_from(place).ok()? % self.products.len())?;
        let is_new = !basket.items.contains(sku);
        self.taken_back += u64::from(is_new);
        is_new.then(|| sku.clone())
    }
}

struct Cart {
    id: Uuid,
    version: i64,
    at: DateTime<Utc>,
}

impl Cart {
    fn next(&mut self, what: CartChangeKind) -> Change {
        self.version += 1;
        Change::Cart(CartChange { cart: self.id, version: self.version, at: self.at, what })
    }
}
