//! The events that recommend learns from.

use envelope::{Envelope, EventType};
use events::Money;
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved};
use events::catalog::{ProductChanged, ProductRetired};
use events::inventory::StockChanged;
use serde_json::json;
use uuid::Uuid;

pub fn price() -> Money {
    serde_json::from_value(json!({"amount": 255, "currency": "GBP"})).unwrap()
}

pub fn product_changed(sku: &str) -> ProductChanged {
    ProductChanged { sku: sku.into(), name: format!("Product {sku}"), description: None, price: price() }
}

pub fn product(sku: &str) -> Envelope {
    event(&product_changed(sku), 1)
}

pub fn retired(sku: &str) -> Envelope {
    event(&ProductRetired { sku: sku.into() }, 2)
}

pub fn stock(sku: &str, available: i64) -> Envelope {
    event(&StockChanged { sku: sku.into(), on_hand: available, available }, 1)
}

fn event<E: EventType>(fact: &E, sequence: i64) -> Envelope {
    testkit::event(fact).numbered(sequence)
}

/// A cart, as the one who publishes its events sees it.
pub struct Cart {
    pub id: Uuid,
    version: i64,
}

impl Cart {
    pub fn new() -> Self {
        Self { id: Uuid::new_v4(), version: 0 }
    }

    /// One that has seen changes.
    pub fn at(id: Uuid, version: i64) -> Self {
        Self { id, version }
    }

    /// One piece of a product that was not in the cart.
    pub fn put(&mut self, sku: &str) -> Envelope {
        self.add(sku, 1, 1)
    }

    pub fn add(&mut self, sku: &str, quantity: i64, line_quantity: i64) -> Envelope {
        let (cart_id, name) = (self.id, format!("Product {sku}"));
        let unit_price = price();
        self.next(&ItemAdded { cart_id, sku: sku.into(), name, unit_price, quantity, line_quantity })
    }

    pub fn change(&mut self, sku: &str, to: i64) -> Envelope {
        self.next(&ItemQuantityChanged { cart_id: self.id, sku: sku.into(), from: 1, to })
    }

    pub fn remove(&mut self, sku: &str) -> Envelope {
        self.next(&ItemRemoved { cart_id: self.id, sku: sku.into(), quantity: 1 })
    }

    pub fn next<E: EventType>(&mut self, fact: &E) -> Envelope {
        self.version += 1;
        event(fact, self.version)
    }
}
