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

/// A product is sold out, or low, or back: its availability is another one in words, whether by what carts did or by what came
/// in. Said once each time. What happens between is no event: every cart's change would be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AvailabilityChanged {
    /// The product.
    pub sku: String,
    /// How many units are not held now: 0 if it is sold out.
    pub available: i64,
    /// What that is in words. A previous release left it out, and knew only sold out and back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

/// How much of a product can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing.
    SoldOut,
    /// Little: as many as the shop said is little, or fewer.
    Low,
    /// Enough.
    InStock,
}

impl Example for AvailabilityChanged {
    fn example() -> Self {
        Self { sku: SKU.into(), available: 0, level: Some(Level::SoldOut) }
    }
}
