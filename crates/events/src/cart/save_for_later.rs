use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, NAME, PRICE, SKU};
use crate::money::Money;

/// A line left a cart for the list of what its shopper may want later. Nothing is held for what is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemSavedForLater {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units the line had.
    pub quantity: i64,
    /// How many units are saved now.
    pub saved_quantity: i64,
}

impl Example for ItemSavedForLater {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), quantity: 4, saved_quantity: 4 }
    }
}

/// What was saved for later is in the cart again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemMovedBack {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// The product's name as the cart knew it at that time.
    pub name: String,
    /// The price of one unit as the cart knew it at that time.
    pub unit_price: Money,
    /// How many units came back; at least 1.
    pub quantity: i64,
    /// How many units the cart's line has now.
    pub line_quantity: i64,
}

impl Example for ItemMovedBack {
    fn example() -> Self {
        Self {
            cart_id: CART,
            sku: SKU.into(),
            name: NAME.into(),
            unit_price: PRICE,
            quantity: 4,
            line_quantity: 5,
        }
    }
}

/// What was saved for later was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedItemRemoved {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units were saved.
    pub quantity: i64,
}

impl Example for SavedItemRemoved {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), quantity: 4 }
    }
}
