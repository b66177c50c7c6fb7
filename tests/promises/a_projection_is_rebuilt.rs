use serde_json::Value;
use testkit::eventually;

use crate::harness::{TIMEOUT, TestShop};

const ITEMS: &str = "SELECT count(*) FROM cart_items";

fn rebuild(shop: &TestShop, service: &str) -> (bool, String) {
    shop.cartwheel(service, &["rebuild", service])
}

/// What goes with the lantern.
async fn related(shop: &TestShop) -> Value {
    let url = format!("{}/products/LANTERN/related", shop.url("recommend"));
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    answer["related"].clone()
}

#[tokio::test]
async fn what_recommend_has_learned_and_the_carts_copies_come_back_and_nothing_goes_out_again() {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN", "CANDLE", "MATCHES"]).await;
    shop.stock("LANTERN", 5).await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;
    for sku in ["LANTERN", "CANDLE", "MATCHES"] {
        storefront.add(&cart, sku, 1).await;
    }
    shop.until("recommend", ITEMS, 3).await;
    shop.until("cart", "SELECT count(*) FROM holds", 3).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 3).await;

    let lantern = eventually("the model has learned all of it", TIMEOUT, async || {
        let related = related(&shop).await;
        (related.as_array().unwrap().len() == 2).then_some(related)
    })
    .await;

    let (succeeded, said) = rebuild(&shop, "recommend");
    assert!(!succeeded && said.contains("stop them"), "{said}");
    for service in ["recommend", "cart"] {
        shop.stop(service).await;
    }
    for (service, table) in
        [("recommend", "cart_items"), ("recommend", "changes"), ("cart", "products"), ("cart", "holds")]
    {
        let damage = format!("DELETE FROM {table}");
        sqlx::query(sqlx::AssertSqlSafe(damage)).execute(&shop.database(service).await).await.unwrap();
    }
    for service in ["recommend", "cart"] {
        let (succeeded, said) = rebuild(&shop, service);
        assert!(succeeded && said.contains("was rebuilt from"), "{said}");
    }
    assert_eq!(shop.count("recommend", ITEMS).await, 3);
    assert_eq!(shop.count("cart", "SELECT count(*) FROM products").await, 3);
    assert_eq!(shop.count("cart", "SELECT count(*) FROM holds").await, 3);
    assert_eq!(shop.count("notify", "SELECT count(*) FROM mails").await, 3);
    assert_eq!(shop.count("cart", "SELECT count(*) FROM bus.outbox").await, 0);

    shop.start("recommend").await;
    assert_eq!(related(&shop).await, lantern, "the same model");
    shop.end().await;
}
