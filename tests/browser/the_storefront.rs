//! Shoppers, at the storefront.

mod looking;
mod misuse;
mod moving;
mod pressing;
mod shopping;

use serde_json::{Value, json};

use crate::page::Page;
use crate::shop::Shop;

fn product(sku: &str, name: &str) -> Value {
    json!({
        "sku": sku, "name": name, "price": {"amount": 1250, "currency": "GBP"},
        "categories": ["Home/Lighting"], "attributes": {"material": "metal"},
    })
}

fn lanterns() -> Vec<Value> {
    vec![product("LANTERN", "White metal lantern"), product("CANDLE", "Candle of beeswax")]
}

/// Opens a page of the storefront.
async fn open(page: &Page, shop: &Shop, path: &str) {
    page.open(&format!("{}{path}", shop.url)).await;
}

/// Opens a page, and waits until it follows what happens.
async fn open_live(page: &Page, shop: &Shop, path: &str) {
    open(page, shop, path).await;
    page.element("html[data-live=open]").await;
    page.evaluate("window.isTheSamePage = true").await;
}
