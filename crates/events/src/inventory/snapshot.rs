use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, SKU};

/// What is held for a cart, published again for those who have missed how that came about. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldsSnapshot {
    /// The cart.
    pub cart_id: Uuid,
    /// All lines that units are wanted for.
    pub holds: Vec<HoldSnapshot>,
}

/// What a cart's line wants and gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldSnapshot {
    /// The product.
    pub sku: String,
    /// How many units the line wants.
    pub wanted: i64,
    /// How many of them are held.
    pub held: i64,
}

impl Example for HoldsSnapshot {
    fn example() -> Self {
        Self { cart_id: CART, holds: vec![HoldSnapshot { sku: SKU.into(), wanted: 5, held: 3 }] }
    }
}
