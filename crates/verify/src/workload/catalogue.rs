//! The catalogue and the stock, by the REST API's imports.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::dataset::{self, Basket};
use crate::checker::{Backlog, Books};
use cartwheel::up::Running;

/// How many entries an import has.
const BATCH: usize = 1000;
/// How long the services may take to copy the catalogue.
const COPY_TIMEOUT: Duration = Duration::from_mins(1);

/// Loads all products and waits until the cart has its copy, without which it knows no SKU.
pub async fn load(running: &Running, books: &Books) -> anyhow::Result<()> {
    let products = dataset::products()?;
    let operator = Operator::new(running)?;
    for batch in products.chunks(BATCH) {
        let price = |amount| json!({"amount": amount, "currency": "GBP"});
        let entries: Vec<Value> = batch
            .iter()
            .map(|product| json!({"sku": product.sku, "name": product.name, "price": price(product.price_minor)}))
            .collect();
        operator.import(Client::post, "products/import", &entries).await?;
    }
    let copied = async {
        while !cart_has_its_copy(books).await? {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    match tokio::time::timeout(COPY_TIMEOUT, copied).await {
        Ok(copied) => copied,
        Err(_) => bail!("the cart did not get the catalogue within {} seconds", COPY_TIMEOUT.as_secs()),
    }
}

/// Sets the stock of every product to 90 % of what the baskets ask for, so that there is not enough for all.
pub async fn stock(running: &Running, baskets: &[Basket]) -> anyhow::Result<()> {
    let line_limit = running.shop.settings::<cart::Settings>("cart", &[])?.line_limit;
    let sold = dataset::sold(baskets, line_limit.into());
    let operator = Operator::new(running)?;
    for batch in dataset::products()?.chunks(BATCH) {
        let available = |sku: &str| sold.get(sku).map_or(0, |sold| sold * 9 / 10);
        let entries: Vec<Value> = batch
            .iter()
            .map(|product| json!({"sku": product.sku, "available": available(&product.sku)}))
            .collect();
        operator.import(Client::put, "stock", &entries).await?;
    }
    Ok(())
}

async fn cart_has_its_copy(books: &Books) -> anyhow::Result<bool> {
    let lags = |work: &Backlog| matches!(work, Backlog::Events { service: "cart", of: "catalog", .. });
    Ok(!books.backlog().await?.iter().any(lags))
}

/// Who may import.
struct Operator<'a> {
    http: Client,
    running: &'a Running,
}

impl<'a> Operator<'a> {
    fn new(running: &'a Running) -> anyhow::Result<Self> {
        Ok(Self { http: Client::builder().no_proxy().build()?, running })
    }

    async fn import(
        &self,
        method: impl Fn(&Client, String) -> RequestBuilder,
        path: &str,
        entries: &[Value],
    ) -> anyhow::Result<()> {
        let request = method(&self.http, format!("{}/{path}", self.running.url));
        let key = &self.running.shop.secrets.admin_key;
        let answer = request.bearer_auth(key).json(entries).send().await.context(path.to_owned())?;
        let status = answer.status();
        ensure!(status.is_success(), "/{path}: {status}: {}", answer.text().await.unwrap_or_default());
        Ok(())
    }
}
