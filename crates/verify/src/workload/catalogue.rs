//! The demo's catalogue and stock.

use cartwheel::up::Running;
use serde_json::{Value, json};

use super::dataset::{self, Basket, Product};
use super::import::{Importer, until_catalogue_is_copied};
use crate::checker::Databases;

/// Loads all products and waits until the cart has its copy.
pub async fn load(running: &Running, databases: &Databases) -> anyhow::Result<()> {
    let products: Vec<Value> = dataset::products()?.iter().map(Product::for_catalog).collect();
    Importer::new(&running.shop.secrets.admin_key)?.products(&running.url, &products).await?;
    until_catalogue_is_copied(databases).await
}

/// Sets the stock of every product to 90 % of what the baskets ask for, so that there is not enough for all.
pub async fn stock(running: &Running, baskets: &[Basket]) -> anyhow::Result<()> {
    let line_limit = running.shop.settings::<cart::Settings>("cart", &[])?.line_limit;
    let sold = dataset::sold(baskets, line_limit.into());
    let entry = |product: Product| {
        let available = sold.get(&product.sku).map_or(0, |sold| sold * 9 / 10);
        json!({"sku": product.sku, "available": available})
    };
    let stock: Vec<Value> = dataset::products()?.into_iter().map(entry).collect();
    Importer::new(&running.shop.secrets.admin_key)?.stock(&running.url, &stock).await
}
