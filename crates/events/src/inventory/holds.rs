use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::snapshot::HoldsSnapshot;
use crate::declaration::aggregate;
use crate::examples::{CART, Example, SKU};

aggregate! {
    /// What happens to the stock that is held for a cart. The subject is the cart's id.
    pub enum HoldEvent in "inventory.holds", subject: cart_id {
        StockHeld = "inventory.stock-held.v1",
        StockShort = "inventory.stock-short.v1",
        StockReleased = "inventory.stock-released.v1",
        HoldsSnapshot = "inventory.holds-snapshot.v1",
        HoldsEnded = "inventory.holds-ended.v1" [FINAL],
    }
}

/// All the units that a cart's line wants are held for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockHeld {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units are held: as many as the line wants.
    pub held: i64,
    /// How many of them came free for it, where it had been short and waited. Left out where the line itself was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled: Option<i64>,
}

impl Example for StockHeld {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), held: 5, filled: None }
    }
}

/// There was less stock than a cart's line wants; what there was is held. The line waits for the rest: what comes free goes to
/// the line that has been short for longest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockShort {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units the line wants.
    pub wanted: i64,
    /// How many of them are held; fewer than wanted.
    pub held: i64,
    /// How many of these came free for it now, since it had waited for longest. Left out where the line itself was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled: Option<i64>,
    /// How many units were taken from it now, since there are fewer than were held. Left out where the line itself was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<i64>,
}

impl Example for StockShort {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), wanted: 5, held: 3, filled: None, cut: None }
    }
}

/// A cart's line is gone, or moved to another cart, or its cart is quiet; and its hold is gone with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockReleased {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units were released.
    pub released: i64,
    /// Whether the line is still in its cart: the cart has fallen quiet, or an operator has freed what was held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lapsed: bool,
}

impl Example for StockReleased {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), released: 5, lapsed: false }
    }
}

/// A cart has ended, and nothing is held for it any more. Nothing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldsEnded {
    /// The cart.
    pub cart_id: Uuid,
}

impl Example for HoldsEnded {
    fn example() -> Self {
        Self { cart_id: CART }
    }
}
