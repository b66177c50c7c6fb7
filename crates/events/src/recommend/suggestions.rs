//! What the recommend service publishes. The subject is the cart's id.

use envelope::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Other products go with a cart than before, because something else is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuggestionsChanged {
    /// The cart.
    pub cart_id: Uuid,
    /// The cart's version that they go with. There may be a later one by now.
    pub cart_version: i64,
    /// The products, the strongest first. None of them is in the cart.
    pub suggestions: Vec<Suggested>,
}

/// A product that goes with a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suggested {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// The product of the cart that it is often bought with; none for one that is only popular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because_of: Option<String>,
}

impl EventType for SuggestionsChanged {
    const TYPE: &'static str = "recommend.suggestions-changed.v1";
    fn subject(&self) -> String {
        self.cart_id.to_string()
    }
}
