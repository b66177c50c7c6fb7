use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, NAME, PRICE, SKU};
use crate::money::Money;

/// What is in a cart, published again for those who have missed how that came about. Nothing has happened to the cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartSnapshot {
    /// The cart.
    pub cart_id: Uuid,
    /// All its lines, in the order in which they were first added.
    pub lines: Vec<LineSnapshot>,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineSnapshot {
    /// The product.
    pub sku: String,
    /// The product's name as the cart knew it when it was last added.
    pub name: String,
    /// The price of one unit as the cart knew it when it was last added.
    pub unit_price: Money,
    /// How many units the line has; at least 1.
    pub quantity: i64,
}

impl Example for CartSnapshot {
    fn example() -> Self {
        let line = LineSnapshot { sku: SKU.into(), name: NAME.into(), unit_price: PRICE, quantity: 5 };
        Self { cart_id: CART, lines: vec![line] }
    }
}
