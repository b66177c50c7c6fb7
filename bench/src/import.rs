use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use service::Lifecycle;
use testkit::{ADMIN_KEY, NO_BROKER, RestApi, TestSpace};

/// Imports of a whole catalogue: all new, all changed, nothing changed.
#[tokio::main]
pub async fn run(products: u32) -> anyhow::Result<()> {
    let space = TestSpace::new(testkit::servers().await).await;
    let settings: catalog::Settings = testkit::settings(&space.database("catalog").await, NO_BROKER, &[]);
    let lifecycle = Lifecycle::default();
    let api = catalog::start(&settings, Arc::new(()), &lifecycle).await?;
    let rest_api = RestApi::serve(api, &lifecycle).await;
    for amount in [1, 2, 2] {
        let list = json!((0..products).map(|number| product(number, amount)).collect::<Vec<_>>());
        let start = Instant::now();
        let (status, answer) =
            rest_api.send(Method::POST, "/products/import", Some(ADMIN_KEY), Some(&list)).await;
        ensure!(status.is_success(), "{answer}");
        println!("{products} products imported, {} changed: {:.1?}", answer["changed"], start.elapsed());
    }
    lifecycle.finish().await
}

fn product(number: u32, amount: i64) -> Value {
    let price = json!({"amount": amount, "currency": "GBP"});
    json!({"sku": format!("SKU-{number}"), "name": format!("Product {number}"), "price": price})
}
