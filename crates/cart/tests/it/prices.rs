//! Prices that follow the catalogue.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::Shop;

fn price(cart: &Value) -> (i64, Option<i64>) {
    let line = &cart["lines"][0];
    (line["unit_price"]["amount"].as_i64().unwrap(), line["unit_price_before"]["amount"].as_i64())
}

#[tokio::test]
async fn a_line_shows_the_price_of_now_and_what_it_was_until_that_is_seen() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    shop.sell("pen", 130, "EUR").await;
    let shown = shop.shown(&cart).await;
    assert_eq!((price(&shown), &shown["total"]["amount"]), ((130, Some(100)), &260.into()));
    let add = json!({"sku": "pen", "quantity": 1});
    let added = shop.change(Method::POST, &cart, "/items", Some(add)).await;
    assert_eq!((price(&added), &added["total"]["amount"]), ((130, Some(100)), &390.into()));
    assert_eq!(price(&shop.shown(&cart).await), (130, Some(100)), "no command hides it");

    let seen = async |version: i64, amount: i64| {
        let body = json!({"version": version, "prices": [{"sku": "pen", "amount": amount}]});
        shop.send(Method::POST, &cart, "/price-changes/seen", Some(body)).await
    };
    assert_eq!(seen(1, 130).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(price(&seen(2, 120).await.1), (130, Some(100)), "another price was shown");
    assert_eq!(price(&seen(2, 130).await.1), (130, None));
    assert_eq!(price(&shop.shown(&cart).await), (130, None));
    assert_eq!(shop.event_types(&cart).await, ["item-added", "item-added", "price-changes-seen"]);
}

#[tokio::test]
async fn what_is_not_sold_any_more_stays_marked_and_can_only_shrink() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 3).await;
    assert_eq!(shop.shown(&cart).await["lines"][0]["offer"], "sold");
    shop.retire("pen").await;
    assert_eq!(shop.shown(&cart).await["lines"][0]["offer"], "retired");
    let more = Some(json!({"quantity": 4}));
    assert_eq!(shop.refused(Method::PUT, &cart, "/items/pen", more).await.1, "retired-product");
    assert_eq!(shop.put(&cart, "pen", 2).await["lines"][0]["quantity"], 2);
    shop.sell("pen", 100, "GBP").await;
    let line = shop.shown(&cart).await["lines"][0].clone();
    assert_eq!((&line["offer"], &line["unit_price"]["currency"]), (&"other-currency".into(), &"EUR".into()));
}

#[tokio::test]
async fn amounts_say_how_many_digits_stand_behind_the_point() {
    let shop = Shop::open(&["--value-limit", "500"]).await;
    for (currency, decimals, dearest) in [("JPY", 0, 500), ("EUR", 2, 50_000), ("BHD", 3, 500_000)] {
        let cart = shop.cart().await;
        shop.sell("cup", dearest, currency).await;
        assert_eq!(shop.put(&cart, "cup", 1).await["decimals"], decimals, "{currency}");
        let two = Some(json!({"quantity": 2}));
        assert_eq!(
            shop.refused(Method::PUT, &cart, "/items/cup", two).await.1,
            "too-expensive",
            "{currency}"
        );
    }
}
