//! Requests and answers in JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use events::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::product::{Details, Product};
use crate::store::StoredProduct;

/// An amount of money, for the API's description.
#[derive(ToSchema)]
#[schema(as = Money)]
#[expect(dead_code, reason = "only described; the answers hold `events::Money`")]
pub struct MoneyBody {
    /// In the currency's minor units: 255 is 2.55 GBP
    #[schema(example = 255, minimum = 0, maximum = 1_000_000_000_000_i64)]
    amount: i64,
    /// The ISO 4217 code
    #[schema(example = "GBP", pattern = "^[A-Z]{3}$", min_length = 3, max_length = 3)]
    currency: String,
}

/// A product.
#[derive(Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductBody {
    /// The stock keeping unit: names the product everywhere
    #[schema(example = "85123A")]
    sku: String,
    /// Its name
    name: String,
    /// A text about it
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The price of a piece
    #[schema(value_type = MoneyBody)]
    price: Money,
    /// What it is a variant of: the same for all variants of one product
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_of: Option<String>,
    /// What makes it this variant
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    options: BTreeMap<String, String>,
    /// Its categories
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    /// The URL of a picture
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    /// Attributes of the shop's own
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
    /// Name and description in other languages
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    translations: BTreeMap<String, TextsBody>,
    /// Not sold before this time
    #[serde(skip_serializing_if = "Option::is_none")]
    published_from: Option<DateTime<Utc>>,
    /// Whether it is not sold any more
    retired: bool,
}

/// A product's texts in a language.
#[derive(Serialize, ToSchema)]
#[schema(as = ProductTexts)]
pub struct TextsBody {
    /// The name in this language
    name: String,
    /// A text about it in this language
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// A page of products.
#[derive(Serialize, ToSchema)]
pub struct ProductPage {
    /// The products, by SKU
    pub products: Vec<ProductBody>,
    /// What to give as `after` for the next page; none on the last one
    pub next: Option<String>,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
pub struct ProductsImported {
    /// How many products were new, changed, or had been retired
    pub changed: usize,
    /// How many were the same before
    pub unchanged: usize,
}

impl ProductBody {
    fn of(product: &Product, retired: bool) -> Self {
        let Details { variant_of, options, categories, picture, attributes, translations } =
            product.details().clone();
        let texts = translations.into_iter().map(|(language, texts)| {
            (language, TextsBody { name: texts.name, description: texts.description })
        });
        Self {
            sku: product.sku().to_owned(),
            name: product.name().to_owned(),
            description: product.description().map(ToOwned::to_owned),
            price: product.price(),
            variant_of,
            options,
            categories,
            picture,
            attributes,
            translations: texts.collect(),
            published_from: product.published_from(),
            retired,
        }
    }
}

impl From<StoredProduct> for ProductBody {
    fn from(stored: StoredProduct) -> Self {
        let retired = stored.retired;
        Self::of(&Product::from(stored), retired)
    }
}

impl From<&Product> for ProductBody {
    /// One that was just written: it is not retired.
    fn from(product: &Product) -> Self {
        Self::of(product, false)
    }
}
