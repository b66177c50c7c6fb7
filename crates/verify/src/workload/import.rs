//! Filling the catalogue and the warehouse, by the REST API's imports.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use events::catalog::ProductEvent;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::checker::{Backlog, Databases};

/// How many entries an import has at most.
const BATCH: usize = 1000;
/// How long the services may take to copy the catalogue.
const COPY_TIMEOUT: Duration = Duration::from_mins(1);

/// Imports as an operator.
pub struct Importer<'a> {
    http: Client,
    admin_key: &'a str,
}

impl<'a> Importer<'a> {
    /// With the admin key.
    pub fn new(admin_key: &'a str) -> anyhow::Result<Self> {
        Ok(Self { http: Client::builder().no_proxy().build()?, admin_key })
    }

    /// Imports products at the catalog's address.
    pub async fn products(&self, catalog: &str, products: &[Value]) -> anyhow::Result<()> {
        self.import(Method::POST, &format!("{catalog}/products/import"), products).await
    }

    /// Sets stock at inventory's address.
    pub async fn stock(&self, inventory: &str, stock: &[Value]) -> anyhow::Result<()> {
        self.import(Method::PUT, &format!("{inventory}/stock"), stock).await
    }

    async fn import(&self, method: Method, url: &str, entries: &[Value]) -> anyhow::Result<()> {
        for batch in entries.chunks(BATCH) {
            let request = self.http.request(method.clone(), url).bearer_auth(self.admin_key);
            let answer = request.json(batch).send().await.with_context(|| url.to_owned())?;
            let status = answer.status();
            ensure!(status.is_success(), "{url}: {status}: {}", answer.text().await.unwrap_or_default());
        }
        Ok(())
    }
}

/// Sells these products, each with this stock, at the addresses of catalog and inventory, and waits until the cart knows
/// them.
pub async fn sell(
    (catalog, inventory): (&str, &str),
    admin_key: &str,
    databases: &Databases,
    products: &[(String, u64)],
) -> anyhow::Result<()> {
    let price = json!({"amount": 250, "currency": "GBP"});
    let entries: Vec<Value> = products
        .iter()
        .map(|(sku, _)| json!({"sku": sku, "name": format!("Product {sku}"), "price": price}))
        .collect();
    let stock: Vec<Value> =
        products.iter().map(|(sku, available)| json!({"sku": sku, "available": available})).collect();
    let importer = Importer::new(admin_key)?;
    importer.products(catalog, &entries).await?;
    importer.stock(inventory, &stock).await?;
    until_catalogue_is_copied(databases).await
}

/// Waits until the cart has its copy of the catalogue, without which it knows no SKU.
pub async fn until_catalogue_is_copied(databases: &Databases) -> anyhow::Result<()> {
    let products = ProductEvent::AGGREGATE.name();
    let lags =
        |work: &Backlog| matches!(work, Backlog::Events { service: "cart", of, .. } if *of == products);
    let copied = async {
        while Backlog::of(databases).await?.iter().any(lags) {
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    match timeout(COPY_TIMEOUT, copied).await {
        Ok(copied) => copied,
        Err(_) => bail!("the cart did not get the catalogue within {} seconds", COPY_TIMEOUT.as_secs()),
    }
}
