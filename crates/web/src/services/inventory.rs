//! Inventory's REST API: what there is.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Deserialize;

use super::{Failure, Service, Services, read, send};

/// How much of a product can be had.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Stock {
    pub sku: String,
    /// Pieces that no cart holds.
    pub available: i64,
    pub availability: Availability,
}

/// The same in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Availability {
    SoldOut,
    Low,
    InStock,
}

/// The stock of products, by SKU. What isn't in it was never stocked.
pub type StockBySku = BTreeMap<String, Stock>;

#[derive(Deserialize)]
struct Several {
    stock: Vec<Stock>,
}

impl Services {
    /// The stock of these products.
    pub async fn stock(&self, skus: &[&str]) -> Result<StockBySku, Failure> {
        if skus.is_empty() {
            return Ok(StockBySku::new());
        }
        let query: Vec<_> = skus.iter().map(|sku| ("sku", *sku)).collect();
        let request = self.get(Service::Inventory, &["stock"], &query);
        let Several { stock } = read(request).await?;
        Ok(stock.into_iter().map(|one| (one.sku.clone(), one)).collect())
    }

    /// Sets how many pieces there are, as an operator.
    pub async fn import_stock(&self, key: &str, entries: &[serde_json::Value]) -> Result<(), Failure> {
        let request = self.request(Service::Inventory, Method::PUT, &["stock"]);
        send(request.bearer_auth(key).json(entries)).await.map(|_| ())
    }
}
