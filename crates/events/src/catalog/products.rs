use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::declaration::aggregate;
use crate::examples::{Example, NAME, PRICE, SKU};
use crate::money::Money;

aggregate! {
    /// What happens to a product. The subject is its SKU.
    pub enum ProductEvent in "catalog.products", subject: sku {
        ProductChanged = "catalog.product-changed.v1",
        ProductRetired = "catalog.product-retired.v1",
    }
}

/// A product is new, or its name, description or price changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductChanged {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The price of one unit.
    pub price: Money,
}

impl Example for ProductChanged {
    fn example() -> Self {
        let description = Some("For a tea light; 20 cm high.".to_owned());
        Self { sku: SKU.into(), name: NAME.into(), description, price: PRICE }
    }
}

/// A product is no longer sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductRetired {
    /// The product.
    pub sku: String,
}

impl Example for ProductRetired {
    fn example() -> Self {
        Self { sku: SKU.into() }
    }
}
