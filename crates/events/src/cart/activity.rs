use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, LAST_CHANGE, SKU};
use crate::money::Money;

/// Nothing was changed in a cart for some time: what is held for it is free for others. Its lines stay. The next change comes
/// with `cart.resumed.v1`. A cart without lines doesn't say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartQuiet {
    /// The cart.
    pub cart_id: Uuid,
    /// When it was changed last.
    pub since: DateTime<Utc>,
}

impl Example for CartQuiet {
    fn example() -> Self {
        Self { cart_id: CART, since: LAST_CHANGE }
    }
}

/// A cart that was quiet is changed again, by the event that follows: what its lines want is to be held for it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartResumed {
    /// The cart.
    pub cart_id: Uuid,
    /// All its lines, as they are before the change; none that is saved for later.
    pub lines: Vec<LineQuantity>,
}

/// How much of a product a cart has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineQuantity {
    /// The product.
    pub sku: String,
    /// How many units the line has; at least 1.
    pub quantity: i64,
}

impl Example for CartResumed {
    fn example() -> Self {
        Self { cart_id: CART, lines: vec![LineQuantity { sku: SKU.into(), quantity: 5 }] }
    }
}

/// A cart with lines was left: nothing was changed in it for a longer time. Said once, until it is changed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartAbandoned {
    /// The cart.
    pub cart_id: Uuid,
    /// When it was changed last.
    pub since: DateTime<Utc>,
    /// How many lines it has; at least 1.
    pub lines: i64,
    /// What they cost together, as the cart knew the prices. Left out where it is more than an amount of money can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
}

impl Example for CartAbandoned {
    fn example() -> Self {
        let total = Some(Money { amount: 1695, currency: iso_currency::Currency::GBP });
        Self { cart_id: CART, since: LAST_CHANGE, lines: 1, total }
    }
}
