//! The demo's catalogue and stock.

use cartwheel::up::Running;
use serde_json::{Value, json};

use super::dataset::{self, Basket, Product};
use super::import::{Importer, until_catalogue_is_copied};
use crate::checker::Databases;

/// Pieces of most products that are left when all baskets are filled.
const SPARE: i64 = 20;

/// Loads all products and waits until the cart has its copy.
pub async fn load(running: &Running, databases: &Databases) -> anyhow::Result<()> {
    let products: Vec<Value> = dataset::products()?.iter().map(Product::for_catalog).collect();
    Importer::new(&running.shop.secrets.admin_key)?.products(&running.url, &products).await?;
    until_catalogue_is_copied(databases).await
}

/// Every third product has 90% of what the baskets ask for, so that there is not enough for all; of the others something is
/// left afterwards, which can be recommended.
pub async fn stock(running: &Running, baskets: &[Basket]) -> anyhow::Result<()> {
    let line_limit = running.shop.settings::<cart::Settings>("cart", &[])?.line_limit;
    let sold = dataset::sold(baskets, line_limit.into());
    let entry = |(number, product): (usize, Product)| {
        let sold = sold.get(&product.sku).copied().unwrap_or_default();
        let available = if number % 3 == 0 { sold * 9 / 10 } else { sold + SPARE };
        json!({"sku": product.sku, "available": available})
    };
    let stock: Vec<Value> = dataset::products()?.into_iter().enumerate().map(entry).collect();
    Importer::new(&running.shop.secrets.admin_key)?.stock(&running.url, &stock).await
}
