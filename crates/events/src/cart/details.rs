use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, PRICE, SKU};
use crate::money::Money;

/// The storefront's own fields of a line were set: an engraving, a size. What they mean is for the storefront to know.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemFieldsChanged {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// All of them.
    pub fields: BTreeMap<String, String>,
}

impl Example for ItemFieldsChanged {
    fn example() -> Self {
        let fields = BTreeMap::from([("engraving".to_owned(), "For Ann".to_owned())]);
        Self { cart_id: CART, sku: SKU.into(), fields }
    }
}

impl fmt::Debug for ItemFieldsChanged {
    /// Leaves out what a shopper wrote: it must not get into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cart_id, sku, .. } = self;
        f.debug_struct("ItemFieldsChanged")
            .field("cart_id", cart_id)
            .field("sku", sku)
            .finish_non_exhaustive()
    }
}

/// A shopper's note on a cart was written or removed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoteChanged {
    /// The cart.
    pub cart_id: Uuid,
    /// The note; left out where there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Example for NoteChanged {
    fn example() -> Self {
        Self { cart_id: CART, note: Some("Please ring twice.".into()) }
    }
}

impl fmt::Debug for NoteChanged {
    /// Leaves out what a shopper wrote: it must not get into a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoteChanged").field("cart_id", &self.cart_id).finish_non_exhaustive()
    }
}

/// A shopper has seen that prices of a cart's lines have changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceChangesSeen {
    /// The cart.
    pub cart_id: Uuid,
    /// The prices that the shopper knows now.
    pub prices: Vec<SeenPrice>,
}

/// A price that a shopper knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenPrice {
    /// The product.
    pub sku: String,
    /// The price of one unit.
    pub unit_price: Money,
}

impl Example for PriceChangesSeen {
    fn example() -> Self {
        Self { cart_id: CART, prices: vec![SeenPrice { sku: SKU.into(), unit_price: PRICE }] }
    }
}
