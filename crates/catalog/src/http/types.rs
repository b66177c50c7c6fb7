//! Requests and answers in JSON.

use events::{LONGEST_SKU, Money, SKU_PATTERN};
use serde::{Deserialize, Serialize};
use service::{ONE_LINE, Sku};
use utoipa::{IntoParams, ToSchema};

use crate::product::{Description, Draft, Product, ProductName};
use crate::store::StoredProduct;

service::texts! {
    /// The last SKU of the page before; empty for the first page.
    #[derive(Default)]
    pub PageStart: "the start of a page", 0..=LONGEST_SKU, "visible ASCII", SKU_PATTERN, for example "85123A";

    /// What to search for; empty for everything.
    #[derive(Default)]
    pub SearchText: "a search text", 0..=200, "no control characters, no line breaks", ONE_LINE, for example "lantern";
}

/// Which products to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Begin after this SKU
    #[serde(default)]
    #[param(inline)]
    pub after: PageStart,
    /// The most products in the answer
    #[serde(default = "default_limit")]
    #[param(default = 50, minimum = 1, maximum = 500)]
    pub limit: u32,
    /// Only products with this in their name, or at the beginning of their SKU; upper and lower case are the same
    #[serde(default)]
    #[param(inline)]
    pub q: SearchText,
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
pub struct ProductFields {
    name: ProductName,
    description: Option<Description>,
    /// The price of a piece: 0 to 1,000,000,000,000 minor units
    #[schema(value_type = MoneyBody)]
    price: Money,
}

/// A product to import.
#[derive(Deserialize, ToSchema)]
pub struct ProductEntry {
    sku: Sku,
    // The fields of `ProductFields` again: flattened, a wrong or unknown one could not be named in the answer.
    name: ProductName,
    description: Option<Description>,
    /// The price of a piece: 0 to 1,000,000,000,000 minor units
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
    pub fn of(self, sku: Sku) -> Draft {
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
