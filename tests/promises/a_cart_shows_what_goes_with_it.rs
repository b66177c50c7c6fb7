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
