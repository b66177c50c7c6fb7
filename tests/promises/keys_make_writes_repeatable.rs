use std::sync::Arc;

use futures::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Running, TestShop};

#[tokio::test]
async fn the_same_key_and_body_have_one_effect_and_get_the_cart_as_it_is_now_another_body_is_refused() {
    let shop = TestShop::with_all().await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 5).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    let key = Uuid::new_v4().to_string();
    let add = |quantity: i64| {
        let item = json!({"sku": "LANTERN", "quantity": quantity});
        storefront.request(Method::POST, &cart, "/items").header("Idempotency-Key", &key).json(&item)
    };

    let first = add(2).send().await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()["etag"], "\"1\"");
    assert!(!first.headers().contains_key("idempotency-replayed"));
    let first: Value = first.json().await.unwrap();
    assert_eq!(
        (&first["lines"][0]["quantity"], &first["lines"][0]["stock"]["status"]),
        (&json!(2), &json!("pending"))
    );

    shop.until("cart", "SELECT held FROM holds", 2).await;
    storefront.add(&cart, "LANTERN", 1).await;
    shop.until("cart", "SELECT held FROM holds", 3).await;
    let again = add(2).send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(again.headers()["etag"], "\"2\"");
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.headers()["change-version"], "1");
    let again: Value = again.json().await.unwrap();
    assert_eq!(
        (&again["lines"][0]["quantity"], &again["lines"][0]["stock"]["status"]),
        (&json!(3), &json!("held"))
    );
    assert_eq!(storefront.get(&cart).await["version"], 2);

    let other = add(3).send().await.unwrap();
    assert_eq!(other.status(), 422);
    let problem: Value = other.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/idempotency-key-reused");
    shop.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_used_many_times_at_once_through_two_instances_has_one_effect() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let other = Running::start(&shop.shop, "cart", Arc::new(())).await;
    shop.sell(&["LANTERN"]).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    let urls = [shop.url("cart"), &other.url];

    let answers = join_all((0..20).map(async |i| {
        let url = format!("{}/carts/{}/items", urls[i % 2], cart.id);
        let item = json!({"sku": "LANTERN", "quantity": 1});
        let request =
            Client::new().post(url).bearer_auth(&cart.token).header("Idempotency-Key", "the-only-one");
        request.json(&item).send().await.unwrap()
    }))
    .await;
    assert!(answers.iter().all(|answer| answer.status() == 200 && answer.headers()["etag"] == "\"1\""));
    let replayed = answers.iter().filter(|answer| answer.headers().contains_key("idempotency-replayed"));
    assert_eq!(replayed.count(), 19);
    assert_eq!(storefront.get(&cart).await["version"], 1);
    other.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn opening_a_cart_twice_with_one_key_gives_the_same_cart_and_token() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let open = async |key: &str| {
        let url = format!("{}/carts", shop.url("cart"));
        Client::new().post(url).header("Idempotency-Key", key).send().await.unwrap()
    };
    let key = Uuid::new_v4().to_string();
    let (first, second) = (open(&key).await, open(&key).await);
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (201, 201));
    assert_eq!(first.headers()["location"], second.headers()["location"]);
    assert_eq!(second.headers()["idempotency-replayed"], "true");
    assert_eq!(first.text().await.unwrap(), second.text().await.unwrap());
    shop.end().await;
}

/// The answer holds the cart's token: whoever sends the same key gets it. So a key that somebody else could come upon is
/// refused.
#[tokio::test]
async fn a_key_that_others_may_use_too_opens_no_cart() {
    let shop = TestShop::with(&["cart"]).await;
    for key in ["1", "checkout-of-2026-11-28", "00000000-0000-0000-0000-000000000000"] {
        for _client in 0..2 {
            let open =
                Client::new().post(format!("{}/carts", shop.url("cart"))).header("Idempotency-Key", key);
            let answer = open.send().await.unwrap();
            assert_eq!(answer.status(), 400, "{key}");
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["type"], "/problems/bad-idempotency-key");
            assert_eq!(problem["field"], "Idempotency-Key");
            assert!(
                problem["detail"].as_str().unwrap().contains("a random UUID (version 4 or 7)"),
                "{problem}"
            );
        }
    }
    assert_eq!(shop.count("cart", "SELECT count(*) FROM carts").await, 0);
    shop.end().await;
}
