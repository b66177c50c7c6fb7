use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::declaration::aggregate;
use crate::examples::{Example, NAME, PRICE, SKU};
use crate::money::Money;

aggregate! {
    /// What happens to a product. The subject is its SKU.
    pub enum ProductEvent in "catalog.products", subject: sku {
        ProductChanged = "catalog.product-changed.v1",
        ProductDescribed = "catalog.product-described.v1",
        ProductScheduled = "catalog.product-scheduled.v1",
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

/// What else is known of a product is new or changed: what one needs to show it in a shop, and not to sell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductDescribed {
    /// The product.
    pub sku: String,
    /// What it is a variant of: those with the same name here differ in their options only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
    /// What makes it this variant, by the option's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Its categories, as paths: `Home/Lighting`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// The URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The shop's own attributes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Its name and description in other languages, by language tag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, ProductTexts>,
}

/// A product's texts in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductTexts {
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Example for ProductDescribed {
    fn example() -> Self {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let texts = ProductTexts { name: "Laterne aus weißem Metall".to_owned(), description: None };
        Self {
            sku: SKU.into(),
            variant_of: Some("LANTERN".to_owned()),
            options: one("colour", "white"),
            categories: vec!["Home/Lighting".to_owned()],
            picture: Some("https://shop.example/pictures/85123A.jpg".to_owned()),
            attributes: one("material", "metal"),
            translations: BTreeMap::from([("de".to_owned(), texts)]),
        }
    }
}

/// A product will be sold from a time, and is not sold before. At that time `catalog.product-changed.v1` follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductScheduled {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The price of one unit.
    pub price: Money,
    /// From when it is sold.
    pub published_from: DateTime<Utc>,
}

impl Example for ProductScheduled {
    fn example() -> Self {
        let published_from = DateTime::from_timestamp(1_796_083_200, 0).unwrap_or_default();
        Self { sku: SKU.into(), name: NAME.into(), description: None, price: PRICE, published_from }
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
