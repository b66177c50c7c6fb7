//! What happens in a month of a small shop.

use mailbox::Behaviour;
use reqwest::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::services;
use crate::harness::{Cart, Storefront, TestShop};

pub const SKUS: [&str; 3] = ["LANTERN", "CANDLE", "MATCHES"];

/// Carts of all fates: left alone, deleted, merged, with a mail that fails, with an event that is parked.
pub async fn happens(shop: &TestShop, month: u32) {
    for sku in SKUS {
        shop.stock(sku, 50).await;
    }
    let price =
        json!([{"sku": "CANDLE", "name": "Candle", "price": {"amount": 100 + month, "currency": "GBP"}}]);
    let import = format!("{}/products/import", shop.url("catalog"));
    shop.as_operator(Method::POST, &import).json(&price).send().await.unwrap().error_for_status().unwrap();
    shop.mailbox.behave(Behaviour::RefuseRecipients("refused@*".into()));
    let storefront = shop.storefront();
    for sku in SKUS {
        storefront.add(&open(&storefront, "left", month).await, sku, 1).await;
    }
    let deleted = open(&storefront, "deleted", month).await;
    storefront.add(&deleted, "LANTERN", 1).await;
    storefront.request(Method::DELETE, &deleted, "").send().await.unwrap().error_for_status().unwrap();
    merge(&storefront, month).await;
    storefront.add(&open(&storefront, "refused", month).await, "CANDLE", 1).await;
    park(shop, &open(&storefront, "parked", month).await).await;
    let storefront_writes = "SELECT count(*) FROM bus.outbox";
    shop.until("cart", storefront_writes, 0).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'queued'", 0).await;
}

async fn open(storefront: &Storefront, fate: &str, month: u32) -> Cart {
    let email = if fate == "refused" {
        "refused@example.test".to_owned()
    } else {
        format!("{fate}-{month}@example.test")
    };
    storefront.open(Some(&email)).await
}

async fn merge(storefront: &Storefront, month: u32) {
    let (guest, cart) = (storefront.open(None).await, open(storefront, "merged", month).await);
    storefront.add(&guest, "MATCHES", 2).await;
    let body = json!({"cart_id": guest.id, "token": guest.token});
    let merged = storefront.request(Method::POST, &cart, "/merge").json(&body).send().await.unwrap();
    merged.error_for_status().unwrap();
}

/// Inventory can't hold anything for this cart.
async fn park(shop: &TestShop, cart: &Cart) {
    let inventory = shop.database("inventory").await;
    let broken = format!(
        "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
         CREATE TRIGGER broken BEFORE INSERT ON holds FOR EACH ROW WHEN (NEW.cart_id = '{}') EXECUTE FUNCTION broken();",
        cart.id
    );
    sqlx::raw_sql(AssertSqlSafe(broken)).execute(&inventory).await.unwrap();
    shop.storefront().add(cart, "MATCHES", 1).await;
    shop.until("inventory", "SELECT count(*) FROM bus.parked", 1).await;
    sqlx::raw_sql("DROP TRIGGER broken ON holds").execute(&inventory).await.unwrap();
}

/// After a month all carts have ended. Services start again: what is done every hour is done now.
pub async fn ends(shop: &mut TestShop) {
    for service in services() {
        shop.stop(service).await;
        shop.start(service).await;
    }
    shop.until("cart", "SELECT count(*) FROM bus.timers", 0).await;
    shop.until("inventory", "SELECT count(*) FROM bus.parked", 0).await;
    for (service, gone) in
        [("inventory", "SELECT count(*) FROM holds"), ("notify", "SELECT count(*) FROM shoppers")]
    {
        shop.until(service, gone, 0).await;
    }
    for service in services() {
        if service != "analytics" {
            shop.until(service, "SELECT count(*) FROM bus.outbox", 0).await;
        }
    }
}
