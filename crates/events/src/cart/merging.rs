use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, NAME, OTHER_CART, PRICE, SKU};
use crate::money::Money;

/// A cart took over all that is in another one: a guest's, which ends with `cart.merged.v1`, or one that had expired. What is
/// held for the other one moves along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemsMergedIn {
    /// The cart that has it now.
    pub cart_id: Uuid,
    /// The cart that it comes from.
    pub from_cart_id: Uuid,
    /// All lines of the other cart.
    pub lines: Vec<MergedLine>,
    /// What was saved for later there, and is here now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saved: Vec<MergedLine>,
}

/// A line that was taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MergedLine {
    /// The product.
    pub sku: String,
    /// The product's name as the other cart knew it.
    pub name: String,
    /// The price of one unit as the other cart knew it.
    pub unit_price: Money,
    /// The price that the shopper had seen there, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_price: Option<Money>,
    /// How many units came over; at least 1.
    pub quantity: i64,
    /// How many units the line has now.
    pub line_quantity: i64,
}

impl Example for ItemsMergedIn {
    fn example() -> Self {
        let line = MergedLine {
            sku: SKU.into(),
            name: NAME.into(),
            unit_price: PRICE,
            seen_price: None,
            quantity: 2,
            line_quantity: 5,
        };
        Self { cart_id: CART, from_cart_id: OTHER_CART, lines: vec![line], saved: Vec::new() }
    }
}
