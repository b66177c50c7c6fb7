//! What happens in a month of a small shop.

use mailbox::Behaviour;
use reqwest::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;
use testkit::eventually;

use super::{PATIENCE, services};
use crate::harness::{Cart, Storefront, TestShop};

pub const SKUS: [&str; 3] = ["LANTERN", "CANDLE", "MATCHES"];

/// Carts of all fates: left alone, deleted, merged, with a mail that fails, with an event that is parked.
pub async fn happens(shop: &TestShop, month: u32) {
    for sku in SKUS {
        shop.stock(sku, 50).await;
    }
    reprice(shop, 100 + month).await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("refused@*".into()));
    let storefront = shop.storefront();
    for sku in SKUS {
        storefront.add(&open(&storefront, "left", month).await, sku, 1).await;
    }
    let deleted = open(&storefront, "deleted", month).await;
    storefront.add(&deleted, "LANTERN", 1).await;
    until_suggested(shop, &deleted).await;
    storefront.request(Method::DELETE, &deleted, "").send().await.unwrap().error_for_status().unwrap();
    merge(shop, month).await;
    storefront.add(&open(&storefront, "refused", month).await, "CANDLE", 1).await;
    park(shop, &open(&storefront, "parked", month).await).await;
    let storefront_writes = "SELECT count(*) FROM bus.outbox";
    shop.until("cart", storefront_writes, 0).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'queued'", 0).await;
}

async fn reprice(shop: &TestShop, amount: u32) {
    let price = json!([{"sku": "CANDLE", "name": "Candle", "price": {"amount": amount, "currency": "GBP"}}]);
    let import = format!("{}/products/import", shop.url("catalog"));
    shop.as_operator(Method::POST, &import).json(&price).send().await.unwrap().error_for_status().unwrap();
}

/// Whether something was suggested for a cart before it ended must not be a matter of chance: it is a row more.
async fn until_suggested(shop: &TestShop, cart: &Cart) {
    let version = sqlx::query_scalar("SELECT version FROM carts WHERE id = $1").bind(cart.id);
    let version: i64 = version.fetch_one(&shop.database("cart").await).await.unwrap();
    let recommend = shop.database("recommend").await;
    let taken = "SELECT EXISTS (SELECT FROM bus.positions WHERE subject = $1 AND sequence >= $2)
                        AND NOT EXISTS (SELECT FROM changes, telling WHERE id > upto)";
    eventually("recommend has answered", PATIENCE, async || {
        let taken = sqlx::query_scalar(taken).bind(cart.id.to_string()).bind(version);
        taken.fetch_one(&recommend).await.unwrap_or(false).then_some(())
    })
    .await;
    shop.until("recommend", "SELECT count(*) FROM bus.outbox", 0).await;
}

async fn open(storefront: &Storefront, fate: &str, month: u32) -> Cart {
    let email = if fate == "refused" {
        "refused@example.test".to_owned()
    } else {
        format!("{fate}-{month}@example.test")
    };
    storefront.open(Some(&email)).await
}

async fn merge(shop: &TestShop, month: u32) {
    let storefront = shop.storefront();
    let (guest, cart) = (storefront.open(None).await, open(&storefront, "merged", month).await);
    storefront.add(&guest, "MATCHES", 2).await;
    until_suggested(shop, &guest).await;
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
pub async fn ends(shop: &mut TestShop, month: u32) {
    for service in services() {
        shop.stop(service).await;
        shop.start(service).await;
    }
    shop.until("cart", "SELECT count(*) FROM bus.timers", 0).await;
    shop.until("inventory", "SELECT count(*) FROM bus.parked", 0).await;
    for service in ["cart", "inventory", "recommend", "notify"] {
        shop.until(service, "SELECT count(*) FROM bus.outbox", 0).await;
        // What is about a cart; products go on.
        let open =
            "SELECT count(*) FROM bus.positions WHERE subject ~ '^[0-9a-f-]{36}$' AND ended_at IS NULL";
        shop.until(service, open, 0).await;
    }
    reprice(shop, 500 + month).await;
    until_counted(shop).await;
}

/// Analytics has counted the last event of all: the last price.
async fn until_counted(shop: &TestShop) {
    let last = shop.count("catalog", "SELECT last FROM bus.sequences WHERE subject = 'CANDLE'").await;
    let analytics = shop.database("analytics").await;
    let counted = "SELECT EXISTS (SELECT FROM taken WHERE subject = 'CANDLE' AND source = '/catalog/products' AND numbers @> $1)";
    eventually("analytics has counted everything", PATIENCE, async || {
        let counted: Result<bool, _> = sqlx::query_scalar(counted).bind(last).fetch_one(&analytics).await;
        counted.unwrap().then_some(())
    })
    .await;
}
