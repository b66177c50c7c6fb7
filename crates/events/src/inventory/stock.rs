use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::declaration::aggregate;
use crate::examples::{Example, SKU};

aggregate! {
    /// What happens to a product's stock. The subject is the product's SKU.
    pub enum StockEvent in "inventory.stock", subject: sku {
        StockChanged = "inventory.stock-changed.v1",
        AvailabilityChanged = "inventory.availability-changed.v1",
    }
}

/// Goods came in, or the stock was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockChanged {
    /// The product.
    pub sku: String,
    /// How many units are in the warehouse, including those on hold.
    pub on_hand: i64,
    /// How many of them are not held.
    pub available: i64,
}

impl Example for StockChanged {
    fn example() -> Self {
        Self { sku: SKU.into(), on_hand: 120, available: 115 }
    }
}

/// Carts took the last unit of a product that was not held, or gave the first one back. What happens between is no event:
/// every cart's change would be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AvailabilityChanged {
    /// The product.
    pub sku: String,
    /// How many units are not held now: 0 if it is sold out.
    pub available: i64,
}

impl Example for AvailabilityChanged {
    fn example() -> Self {
        Self { sku: SKU.into(), available: 0 }
    }
}
