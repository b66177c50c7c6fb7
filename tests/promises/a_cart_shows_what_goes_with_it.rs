use reqwest::{Method, StatusCode};
use serde_json::Value;
use testkit::eventually;

use crate::harness::{TIMEOUT, TestShop};

#[tokio::test]
async fn what_others_bought_together_shows_in_the_cart_and_in_the_next_mail() {
    let shop = TestShop::with_all().await;
    shop.sell(&["LANTERN", "CANDLE", "MATCHES"]).await;
    let storefront = shop.storefront();
    let others = storefront.open(None).await;
    for sku in ["LANTERN", "CANDLE"] {
        storefront.add(&others, sku, 1).await;
    }

    let cart = storefront.open(Some("ann@example.test")).await;
    storefront.add(&cart, "LANTERN", 1).await;
    let suggestions = eventually("the candle is suggested", TIMEOUT, async || {
        let suggestions = storefront.get(&cart).await["suggestions"].clone();
        (suggestions[0]["sku"] == "CANDLE").then_some(suggestions)
    })
    .await;
    assert_eq!(suggestions[0]["because_of"], "LANTERN");
    assert!(suggestions[0]["unit_price"]["amount"].is_i64() && suggestions[0]["name"].is_string());

    let suggested = "SELECT count(*) FROM suggestions WHERE list @> '[{\"sku\": \"CANDLE\"}]'";
    shop.until("notify", suggested, 1).await;
    storefront.add(&cart, "MATCHES", 1).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 2).await;
    let mut texts = Vec::new();
    for number in 1..=2 {
        texts.push(String::from_utf8(shop.mailbox.source(number).await.unwrap().unwrap()).unwrap());
    }
    let suggesting = texts.iter().filter(|text| text.contains("Goes well with your cart"));
    assert!(suggesting.clone().any(|text| text.contains("MATCHES")), "the second mail: {texts:#?}");

    // What has been added to the cart is no suggestion any more, even before recommend has published that.
    storefront.add(&cart, "CANDLE", 1).await;
    let all = storefront.get(&cart).await["suggestions"].clone();
    let all: Vec<&Value> = all.as_array().unwrap().iter().collect();
    assert!(all.iter().all(|suggestion| suggestion["sku"] != "CANDLE"), "{all:?}");
    shop.end().await;
}

/// Waits until just these products go with the lantern.
async fn until_related(shop: &TestShop, expected: &[&str]) {
    let url = format!("{}/products/LANTERN/related", shop.url("recommend"));
    eventually(&format!("{expected:?} go with the lantern"), TIMEOUT, async || {
        let answer: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
        let related = answer["related"].as_array().unwrap();
        let mut skus: Vec<&str> = related.iter().map(|product| product["sku"].as_str().unwrap()).collect();
        skus.sort_unstable();
        (skus == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_sold_out_is_suggested_again_only_when_it_can_be_had_again() {
    let shop = TestShop::with_all().await;
    shop.sell(&["LANTERN", "CANDLE", "MATCHES"]).await;
    shop.stock("CANDLE", 2).await;
    let storefront = shop.storefront();
    let mut carts = Vec::new();
    for _ in 0..2 {
        let cart = storefront.open(None).await;
        for sku in ["LANTERN", "CANDLE"] {
            storefront.add(&cart, sku, 1).await;
        }
        carts.push(cart);
        until_related(&shop, if carts.len() == 1 { &["CANDLE"] } else { &[] }).await;
    }
    // The carts hold all of it. One gives its piece back.
    let removed = storefront.request(Method::DELETE, &carts[0], "/items/CANDLE").send().await.unwrap();
    assert_eq!(removed.status(), StatusCode::OK);
    until_related(&shop, &["CANDLE"]).await;

    // Never in stock, and not known to be so until it is counted.
    storefront.add(&carts[1], "MATCHES", 1).await;
    until_related(&shop, &["CANDLE", "MATCHES"]).await;
    shop.stock("MATCHES", 0).await;
    until_related(&shop, &["CANDLE"]).await;
    shop.stock("CANDLE", 0).await;
    until_related(&shop, &[]).await;
    shop.end().await;
}
