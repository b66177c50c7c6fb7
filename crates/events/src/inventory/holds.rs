//! What the inventory service publishes. What became of a cart's line has the cart's id as its subject, what became
//! of the stock the SKU.

use envelope::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// All the pieces that a cart's line wants are held for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockHeld {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces are held: as many as the line wants.
    pub held: i64,
}

/// There were fewer pieces than a cart's line wants; what there was is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockShort {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces the line wants.
    pub wanted: i64,
    /// How many of them are held; less than wanted.
    pub held: i64,
}

/// A cart's line is gone and its hold with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockReleased {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces were given back.
    pub released: i64,
}

/// Goods came in, or the stock was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockChanged {
    /// The product.
    pub sku: String,
    /// How many pieces are in the warehouse, held ones included.
    pub on_hand: i64,
    /// How many of them no cart holds.
    pub available: i64,
}

impl EventType for StockHeld {
    const TYPE: &'static str = "inventory.stock-held.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for StockShort {
    const TYPE: &'static str = "inventory.stock-short.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for StockReleased {
    const TYPE: &'static str = "inventory.stock-released.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}

impl EventType for StockChanged {
    const TYPE: &'static str = "inventory.stock-changed.v1";
    fn subject(&self) -> String {
        self.sku.clone()
    }
}
