//! What the catalog service publishes. The subject is the product's SKU.

use envelope::EventType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Money;

/// A product is new, or its name, description or price changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductChanged {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// A text about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The price of a piece.
    pub price: Money,
}

/// A product is not sold any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductRetired {
    /// The product.
    pub sku: String,
}

impl EventType for ProductChanged {
    const TYPE: &'static str = "catalog.product-changed.v1";
    fn subject(&self) -> String {
        self.sku.clone()
    }
}

impl EventType for ProductRetired {
    const TYPE: &'static str = "catalog.product-retired.v1";
    fn subject(&self) -> String {
        self.sku.clone()
    }
}
