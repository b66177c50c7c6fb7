use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Cart, Storefront, TestShop};

/// The whole view, in an order of its own.
const VIEW: &str = "SELECT coalesce(jsonb_agg(to_jsonb(line) ORDER BY cart_id, sku), '[]') || \
                    (SELECT coalesce(jsonb_agg(to_jsonb(shoppers) ORDER BY cart_id), '[]') FROM shoppers) || \
                    (SELECT coalesce(jsonb_agg(to_jsonb(saved) ORDER BY cart_id, sku), '[]') FROM saved_lines AS saved) || \
                    (SELECT coalesce(jsonb_agg(to_jsonb(carts) ORDER BY id), '[]') FROM carts) \
                    FROM lines AS line";

#[tokio::test]
async fn the_view_folded_again_from_the_events_is_identical_after_a_long_random_history() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let skus = ["A", "B", "C", "D", "E", "F"];
    shop.sell(&skus).await;
    let storefront = shop.storefront();
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut carts = Vec::new();
    for _ in 0..8 {
        carts.push(storefront.open(None).await);
    }
    for _ in 0..1500 {
        let (cart, sku) = (carts.choose(&mut random).unwrap(), skus.choose(&mut random).unwrap());
        random_step(&storefront, cart, sku, &mut random).await;
    }

    let pool = shop.database("cart").await;
    let before: serde_json::Value = sqlx::query_scalar(VIEW).fetch_one(&pool).await.unwrap();
    sqlx::query("UPDATE lines SET quantity = quantity + 1").execute(&pool).await.unwrap();
    assert_eq!(cart::refold(&pool).await.unwrap(), 8);
    let after: serde_json::Value = sqlx::query_scalar(VIEW).fetch_one(&pool).await.unwrap();
    assert!(before.as_array().unwrap().len() > 8, "the history left something to compare");
    assert_eq!(before, after);
    shop.end().await;
}

/// Some of these are refused, which is part of a history too.
async fn random_step(storefront: &Storefront, cart: &Cart, sku: &str, random: &mut StdRng) {
    let quantity = random.random_range(1..400);
    let item = format!("/items/{sku}");
    let own = json!({"fields": {"size": quantity.to_string()}});
    let request = match random.random_range(0..16) {
        10 => storefront.request(Method::POST, cart, &format!("{item}/save")),
        11 | 12 => storefront.request(Method::POST, cart, &format!("/saved/{sku}/move-back")),
        13 => storefront.request(Method::PUT, cart, &item).json(&json!({"quantity": quantity})),
        14 => storefront.request(Method::PUT, cart, &format!("{item}/fields")).json(&own),
        15 => storefront.request(Method::PUT, cart, "/note").json(&json!({"note": item})),
        0 => storefront.request(Method::DELETE, cart, &item),
        1..=3 => storefront.request(Method::PATCH, cart, &item).json(&json!({"quantity": quantity})),
        4 => {
            let shopper = json!({"email": format!("s{quantity}@example.test"), "language": "de"});
            storefront.request(Method::PUT, cart, "/shopper").json(&shopper)
        }
        _ => {
            storefront.request(Method::POST, cart, "/items").json(&json!({"sku": sku, "quantity": quantity}))
        }
    };
    let status = request.send().await.unwrap().status();
    assert!(!status.is_server_error(), "{status}");
}
