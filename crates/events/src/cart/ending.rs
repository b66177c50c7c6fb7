use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::examples::{CART, Example, OTHER_CART};

/// All that was in a cart is in another one now: see `cart.items-merged-in.v1`, which is an event of that one. Nothing
/// follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartMerged {
    /// The cart that ended.
    pub cart_id: Uuid,
    /// The cart that has its lines now.
    pub into_cart_id: Uuid,
}

impl Example for CartMerged {
    fn example() -> Self {
        Self { cart_id: OTHER_CART, into_cart_id: CART }
    }
}

/// A cart was deleted, with all that was in it. Nothing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartDeleted {
    /// The cart.
    pub cart_id: Uuid,
}

impl Example for CartDeleted {
    fn example() -> Self {
        Self { cart_id: CART }
    }
}

/// A cart ended because nothing was changed in it for very long. Nothing follows; a cart that is opened again is a new one,
/// which takes the lines over with `cart.items-merged-in.v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartExpired {
    /// The cart.
    pub cart_id: Uuid,
}

impl Example for CartExpired {
    fn example() -> Self {
        Self { cart_id: CART }
    }
}
