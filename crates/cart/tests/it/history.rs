//! What happened to a cart, and how it was.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Shop, of, quantities};

#[tokio::test]
async fn all_that_happened_is_listed_in_pages_the_newest_first() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    for quantity in 1..=5 {
        shop.put(&cart, "pen", quantity).await;
    }
    let mut versions = Vec::new();
    let mut page = "/history?limit=2".to_owned();
    loop {
        let history = shop.change(Method::GET, &cart, &page, None).await;
        let changes = history["changes"].as_array().unwrap();
        assert!(changes.iter().all(|change| change["by"] == "shopper" && change["time"].is_string()));
        versions.extend(changes.iter().map(|change| change["version"].as_i64().unwrap()));
        let Some(next) = history["next"].as_i64() else { break };
        page = format!("/history?limit=2&before={next}");
    }
    assert_eq!(versions, [5, 4, 3, 2, 1]);
    let newest = &shop.change(Method::GET, &cart, "/history", None).await["changes"][0];
    assert_eq!(newest["type"], "cart.item-quantity-changed.v1");
    assert_eq!((&newest["data"]["from"], &newest["data"]["to"]), (&4.into(), &5.into()));
}

#[tokio::test]
async fn a_cart_is_shown_as_it_was_at_any_version_also_after_its_end() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.sell("cup", 250, "EUR").await;
    shop.put(&cart, "pen", 2).await;
    shop.put(&cart, "cup", 1).await;
    shop.change(Method::DELETE, &cart, "/items/pen", None).await;
    shop.sell("cup", 999, "EUR").await;
    shop.change(Method::DELETE, &cart, "", None).await;
    let expected = [of(&[("pen", 2)]), of(&[("pen", 2), ("cup", 1)]), of(&[("cup", 1)]), Vec::new()];
    for (version, expected) in (1..).zip(expected) {
        let past = shop.change(Method::GET, &cart, &format!("/versions/{version}"), None).await;
        assert_eq!((quantities(&past["lines"]), &past["version"]), (expected, &json!(version)));
    }
    let second = shop.change(Method::GET, &cart, "/versions/2", None).await;
    assert_eq!(second["total"], json!({"amount": 450, "currency": "EUR"}), "as it was recorded");
    for version in [-1, 5] {
        let refused = shop.refused(Method::GET, &cart, &format!("/versions/{version}"), None).await;
        assert_eq!(refused, (StatusCode::NOT_FOUND, "unknown-version".to_owned()));
    }
    let history: Value = shop.change(Method::GET, &cart, "/history", None).await;
    assert_eq!(history["changes"][0]["type"], "cart.deleted.v1");
}

#[tokio::test]
async fn a_past_state_of_a_cart_of_ten_thousand_events_is_not_folded_from_the_first_one() {
    let shop = Shop::open(&["--line-limit", "20000"]).await;
    let cart = shop.cart().await;
    let items = json!({"items": vec![json!({"sku": "pen", "quantity": 1}); 200]});
    for _ in 0..50 {
        shop.change(Method::POST, &cart, "/items/batch", Some(items.clone())).await;
    }
    let pieces = async |version: i64| {
        let past = shop.change(Method::GET, &cart, &format!("/versions/{version}"), None).await;
        past["lines"][0]["quantity"].as_i64().unwrap()
    };
    assert_eq!(pieces(9_999).await, 9_999);
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM cart_snapshots").fetch_one(&shop.pool).await.unwrap();
    assert_eq!(kept, 19);
    // What is not needed is not read.
    let delete = "DELETE FROM cart_events WHERE version <= 9500";
    assert_eq!(sqlx::query(delete).execute(&shop.pool).await.unwrap().rows_affected(), 9_500);
    assert_eq!((pieces(9_999).await, pieces(9_501).await, pieces(9_500).await), (9_999, 9_501, 9_500));
    assert_eq!(shop.shown(&cart).await["lines"][0]["quantity"], 10_000);
}

#[tokio::test]
async fn only_who_has_the_token_sees_the_history() {
    let shop = Shop::open(&[]).await;
    let (cart, other) = (shop.cart().await, shop.cart().await);
    let stranger = crate::support::Cart { id: cart.id.clone(), token: other.token.clone() };
    for path in ["/history", "/versions/1"] {
        assert_eq!(shop.refused(Method::GET, &stranger, path, None).await.0, StatusCode::NOT_FOUND);
    }
}
