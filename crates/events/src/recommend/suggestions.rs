use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::declaration::aggregate;
use crate::examples::{CART, Example, SKU};

aggregate! {
    /// What happens to the products suggested for a cart. The subject is the cart's id.
    pub enum SuggestionEvent in "recommend.suggestions", subject: cart_id {
        SuggestionsChanged = "recommend.suggestions-changed.v1",
        SuggestionsEnded = "recommend.suggestions-ended.v1" [FINAL],
    }
}

/// The products suggested for a cart changed, because its contents did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuggestionsChanged {
    /// The cart.
    pub cart_id: Uuid,
    /// The version of the cart that they were chosen for. The cart may have changed since.
    pub cart_version: i64,
    /// The products, best first. None of them is in the cart.
    pub suggestions: Vec<Suggested>,
}

/// A cart for which products were suggested has ended. Nothing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuggestionsEnded {
    /// The cart.
    pub cart_id: Uuid,
}

impl Example for SuggestionsEnded {
    fn example() -> Self {
        Self { cart_id: CART }
    }
}

/// A product that goes with a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suggested {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// The product in the cart that it is often bought with; absent if it is suggested for being popular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because_of: Option<String>,
}

impl Example for SuggestionsChanged {
    fn example() -> Self {
        let suggested = |sku: &str, name: &str, because_of: Option<&str>| Suggested {
            sku: sku.into(),
            name: name.into(),
            because_of: because_of.map(str::to_owned),
        };
        let suggestions = vec![
            suggested("22178", "Victorian glass hanging t-light", Some(SKU)),
            suggested("21212", "Pack of 72 retro spot cake cases", None),
        ];
        Self { cart_id: CART, cart_version: 3, suggestions }
    }
}
