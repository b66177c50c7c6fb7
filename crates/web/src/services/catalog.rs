//! The catalog's REST API: products, and finding them.

use std::collections::{BTreeMap, HashMap};

use iso_currency::Currency;
use reqwest::Method;
use serde::Deserialize;

use super::{Failure, Service, Services, read, send};
use crate::money::Money;

/// A product.
#[derive(Clone, Debug, Deserialize)]
pub struct Product {
    pub sku: String,
    pub name: String,
    pub description: Option<String>,
    pub price: Money,
    pub variant_of: Option<String>,
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    pub picture: Option<String>,
    #[serde(default)]
    pub retired: bool,
}

/// What a search found.
#[derive(Clone, Debug, Deserialize)]
pub struct Found {
    pub products: Vec<Product>,
    /// How many there are on all pages.
    pub total: u64,
    pub next: Option<String>,
    pub all_words: bool,
    pub understood_as: Option<String>,
    pub facets: Option<Facets>,
}

/// What a search can be narrowed by.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Facets {
    pub categories: Vec<ValueCount>,
    pub attributes: BTreeMap<String, Vec<ValueCount>>,
    pub prices: HashMap<Currency, Prices>,
}

/// A value, and how many products have it.
#[derive(Clone, Debug, Deserialize)]
pub struct ValueCount {
    pub value: String,
    pub count: u64,
}

/// The prices in a currency.
#[derive(Clone, Debug, Deserialize)]
pub struct Prices {
    pub ranges: Vec<PriceRange>,
}

/// How many products cost that, in minor units.
#[derive(Clone, Debug, Deserialize)]
pub struct PriceRange {
    pub from: i64,
    pub below: i64,
    pub count: u64,
}

#[derive(Deserialize)]
struct Products {
    products: Vec<Product>,
}

impl Services {
    /// Finds products; `query` is as the catalog takes it.
    pub async fn search(&self, query: &[(&str, &str)]) -> Result<Found, Failure> {
        read(self.get(Service::Catalog, &["products", "search"], query)).await
    }

    /// A product; retired ones, too.
    pub async fn product(&self, sku: &str) -> Result<Product, Failure> {
        read(self.get(Service::Catalog, &["products", sku], &[])).await
    }

    /// These products, in their order, without those that aren't sold.
    pub async fn products(&self, skus: &[&str]) -> Result<Vec<Product>, Failure> {
        if skus.is_empty() {
            return Ok(Vec::new());
        }
        let query: Vec<_> = skus.iter().map(|sku| ("sku", *sku)).collect();
        let request = self.get(Service::Catalog, &["products"], &query);
        let Products { products } = read(request).await?;
        let mut by_sku: BTreeMap<String, Product> =
            products.into_iter().map(|product| (product.sku.clone(), product)).collect();
        Ok(skus.iter().filter_map(|sku| by_sku.remove(*sku)).collect())
    }

    /// The variants of a product.
    pub async fn variants(&self, variant_of: &str) -> Result<Vec<Product>, Failure> {
        let query = [("variant_of", variant_of), ("limit", "50")];
        let request = self.get(Service::Catalog, &["products"], &query);
        Ok(read::<Products>(request).await?.products)
    }

    /// Writes products, as an operator.
    pub async fn import_products(&self, key: &str, entries: &[serde_json::Value]) -> Result<(), Failure> {
        let request = self.request(Service::Catalog, Method::POST, &["products", "import"]);
        send(request.bearer_auth(key).json(entries)).await.map(|_| ())
    }
}
