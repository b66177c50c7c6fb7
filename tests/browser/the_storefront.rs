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

/// Adds a piece of a product, after which the cart has this many.
async fn add(page: &Page, shop: &Shop, sku: &str, then: &str) {
    open(page, shop, &format!("/shop/products/{sku}")).await;
    page.click(".product .add button").await;
    page.until_text(".to-cart .count", then).await;
}

/// Opens a page, and waits until it follows what happens.
async fn open_live(page: &Page, shop: &Shop, path: &str) {
    open(page, shop, path).await;
    page.element("html[data-live=open]").await;
    page.evaluate("window.isTheSamePage = true").await;
}
