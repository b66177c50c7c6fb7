//! What is sold in a run: a few products, of some of them too little for all.

use anyhow::{Context, bail, ensure};
use rand::Rng;
use rand::rngs::StdRng;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;

use crate::checker::{Backlog, Books};
use crate::nemesis::Fleet;

const PRODUCTS: usize = 40;
/// Every so many products there is one of which there is too little.
const SCARCE: usize = 5;
const COPY_TIMEOUT: Duration = Duration::from_mins(1);

/// One of the products.
pub fn sku(random: &mut StdRng) -> String {
    name(random.random_range(0..PRODUCTS))
}

fn name(product: usize) -> String {
    format!("SKU-{product:02}")
}

/// Fills the catalogue and the warehouse, and waits until the cart knows all products. Of the scarce ones there is a
/// small share of what so many changes ask for.
pub async fn fill(fleet: &Fleet, admin_key: &str, books: &Books, changes: u64) -> anyhow::Result<()> {
    let products: Vec<Value> = (0..PRODUCTS)
        .map(|product| {
            let price = json!({"amount": 250, "currency": "GBP"});
            json!({"sku": name(product), "name": format!("Product {product}"), "price": price})
        })
        .collect();
    let scarce = changes / 100 + 20;
    let stock: Vec<Value> = (0..PRODUCTS)
        .map(|product| {
            let available = if product % SCARCE == 0 { scarce } else { 1_000_000 };
            json!({"sku": name(product), "available": available})
        })
        .collect();
    let http = Client::builder().no_proxy().build()?;
    for (method, service, path, list) in
        [(Method::POST, "catalog", "products/import", products), (Method::PUT, "inventory", "stock", stock)]
    {
        let url = format!("{}/{path}", fleet.url(service)?);
        let answer =
            http.request(method, url).bearer_auth(admin_key).json(&list).send().await.context(path)?;
        let status = answer.status();
        ensure!(status.is_success(), "/{path}: {status}: {}", answer.text().await.unwrap_or_default());
    }
    let copied = async {
        while books.backlog().await?.iter().any(|work| matches!(work, Backlog::Events { of: "catalog", .. }))
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    match tokio::time::timeout(COPY_TIMEOUT, copied).await {
        Ok(copied) => copied,
        Err(_) => bail!("the cart did not get the catalogue within {} seconds", COPY_TIMEOUT.as_secs()),
    }
}
