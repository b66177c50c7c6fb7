//! Requests and answers in JSON.

use events::Money;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::product::{Draft, Product};
use crate::store::StoredProduct;

/// Which products to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Begin after this SKU
    #[serde(default)]
    pub after: String,
    /// The most products in the answer
    #[serde(default = "default_limit")]
    #[param(default = 50, minimum = 1, maximum = 500)]
    pub limit: u32,
    /// Only products with this in their name, or at the beginning of their SKU; upper and lower case are the same
    #[serde(default)]
    pub q: String,
}

fn default_limit() -> u32 {
    50
}

/// An amount of money, for the API's description.
#[derive(ToSchema)]
#[schema(as = Money)]
#[expect(dead_code, reason = "only described; the answers hold `events::Money`")]
pub struct MoneyBody {
    /// In the currency's minor units: 255 is 2.55 GBP
    #[schema(example = 255)]
    amount: i64,
    /// The ISO 4217 code
    #[schema(example = "GBP")]
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
    /// Whether it is not sold any more
    retired: bool,
}

/// A page of products.
#[derive(Serialize, ToSchema)]
pub struct ProductPage {
    /// The products, by SKU
    pub products: Vec<ProductBody>,
    /// What to give as `after` for the next page; none on the last one
    pub next: Option<String>,
}

/// A product's fields without its SKU.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductFields {
    /// 1 to 200 characters
    name: String,
    /// At most 4000 characters
    description: Option<String>,
    /// The price of a piece, 0 or more
    #[schema(value_type = MoneyBody)]
    price: Money,
}

/// A product to import.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductEntry {
    /// 1 to 64 visible ASCII characters
    #[schema(example = "85123A")]
    sku: String,
    // The fields of `ProductFields` again: flattened, a wrong or unknown one could not be named in the answer.
    /// 1 to 200 characters
    name: String,
    /// At most 4000 characters
    description: Option<String>,
    /// The price of a piece, 0 or more
    #[schema(value_type = MoneyBody)]
    price: Money,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
pub struct ProductsImported {
    /// How many products were new, changed, or had been retired
    pub changed: usize,
    /// How many were the same before
    pub unchanged: usize,
}

impl ProductFields {
    /// With the SKU that they belong to.
    pub fn of(self, sku: String) -> Draft {
        let Self { name, description, price } = self;
        Draft { sku, name, description, price }
    }
}

impl From<ProductEntry> for Draft {
    fn from(entry: ProductEntry) -> Self {
        let ProductEntry { sku, name, description, price } = entry;
        Self { sku, name, description, price }
    }
}

impl From<StoredProduct> for ProductBody {
    fn from(stored: StoredProduct) -> Self {
        let StoredProduct { sku, name, description, price, retired } = stored;
        Self { sku, name, description, price, retired }
    }
}

impl From<&Product> for ProductBody {
    /// One that was just written: it is sold.
    fn from(product: &Product) -> Self {
        Self {
            sku: product.sku().to_owned(),
            name: product.name().to_owned(),
            description: product.description().map(ToOwned::to_owned),
            price: product.price(),
            retired: false,
        }
    }
}
