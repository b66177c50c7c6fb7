//! What the cart service publishes. The subject is the cart's id, the sequence its version.

use envelope::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Money;

/// Pieces of a product were added to a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemAdded {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// The product's name as the cart knew it then.
    pub name: String,
    /// The price of a piece as the cart knew it then.
    pub unit_price: Money,
    /// How many pieces were added; at least 1.
    pub quantity: i64,
    /// How many pieces the cart's line has now.
    pub line_quantity: i64,
}

/// The quantity of a cart's line was set to another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemQuantityChanged {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces the line had before.
    pub from: i64,
    /// How many it has now; at least 1.
    pub to: i64,
}

/// A line was taken out of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemRemoved {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces the line had.
    pub quantity: i64,
}

/// A shopper's address and language were attached to a cart. The one event that holds an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShopperAttached {
    /// The cart.
    pub cart_id: Uuid,
    /// The shopper's e-mail address.
    pub email: String,
    /// The language that the shopper reads, as a BCP 47 tag: `en`, `de`.
    pub language: String,
}

impl std::fmt::Debug for ShopperAttached {
    /// Leaves the address out: it must not get into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShopperAttached").field("cart_id", &self.cart_id).finish_non_exhaustive()
    }
}

impl EventType for ItemAdded {
    const TYPE: &'static str = "cart.item-added.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for ItemQuantityChanged {
    const TYPE: &'static str = "cart.item-quantity-changed.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for ItemRemoved {
    const TYPE: &'static str = "cart.item-removed.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for ShopperAttached {
    const TYPE: &'static str = "cart.shopper-attached.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}
