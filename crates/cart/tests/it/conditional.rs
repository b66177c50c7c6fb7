//! `ETag`, `If-Match` and `If-None-Match`.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Cart, Shop};

async fn get(shop: &Shop, cart: &Cart, known: &str) -> (StatusCode, String) {
    let answer = shop.send_with(Method::GET, cart, "", ("If-None-Match", known), None).await;
    (answer.status(), answer.headers()["etag"].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_cart_is_sent_again_only_if_something_that_is_shown_changed() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    let (status, tag) = get(&shop, &cart, "\"other\"").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(get(&shop, &cart, &tag).await, (StatusCode::NOT_MODIFIED, tag.clone()));
    assert_eq!(get(&shop, &cart, &format!("W/{tag}")).await.0, StatusCode::NOT_MODIFIED);

    shop.hold(&cart, "pen", 2).await;
    let (status, of_hold) = get(&shop, &cart, &tag).await;
    assert_eq!(status, StatusCode::OK, "what others say of the cart counts too");
    shop.sell("pen", 120, "EUR").await;
    let (status, of_price) = get(&shop, &cart, &of_hold).await;
    assert_eq!(status, StatusCode::OK);
    shop.put(&cart, "pen", 3).await;
    assert_eq!(get(&shop, &cart, &of_price).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_change_of_a_cart_that_was_not_seen_as_it_is_is_refused() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    let seen = get(&shop, &cart, "\"other\"").await.1;
    let put = async |tag: &str, quantity: i64| {
        let body = Some(json!({"quantity": quantity}));
        shop.send_with(Method::PUT, &cart, "/items/pen", ("If-Match", tag), body).await
    };
    let answer = put(&seen, 3).await;
    assert_eq!(answer.status(), StatusCode::OK, "the tag of GET, with what others say behind it");
    let changed = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(changed, "\"2\"");
    let refused = put(&seen, 4).await;
    assert_eq!(
        (refused.status(), &refused.headers()["etag"]),
        (StatusCode::PRECONDITION_FAILED, &changed.parse().unwrap())
    );
    assert!(refused.text().await.unwrap().contains("version 2"));
    assert_eq!(put("*", 5).await.status(), StatusCode::OK);
    assert_eq!(put("W/\"3\"", 6).await.status(), StatusCode::PRECONDITION_FAILED, "weak tags don't do");
    assert_eq!(put("\"2\", \"3\"", 7).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn of_two_changes_that_expect_the_same_version_one_is_made() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    let put = async |quantity: i64| {
        let body = Some(json!({"quantity": quantity}));
        shop.send_with(Method::PUT, &cart, "/items/pen", ("If-Match", "\"1\""), body).await.status()
    };
    let mut statuses = futures::future::join_all((2..10).map(put)).await;
    statuses.sort();
    let made = statuses.iter().filter(|status| **status == StatusCode::OK).count();
    let refused = statuses.iter().filter(|status| **status == StatusCode::PRECONDITION_FAILED).count();
    assert_eq!((made, refused), (1, 7), "{statuses:?}");
}
