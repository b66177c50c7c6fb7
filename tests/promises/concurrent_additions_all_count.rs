use std::sync::Arc;

use futures::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::harness::{Running, TestShop};

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_additions_to_one_cart_all_count_also_through_two_instances() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let other = Running::start(&shop.shop, "cart", Arc::new(())).await;
    shop.sell(&["LANTERN"]).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;

    let urls = [shop.url("cart"), &other.url];
    let additions = (0..20).map(async |i| {
        let url = format!("{}/carts/{}/items", urls[i % 2], cart.id);
        let item = json!({"sku": "LANTERN", "quantity": 1});
        Client::new().post(url).bearer_auth(&cart.token).json(&item).send().await.unwrap().status()
    });
    assert!(join_all(additions).await.iter().all(|status| *status == StatusCode::OK));

    let after = storefront.get(&cart).await;
    assert_eq!((&after["version"], &after["lines"][0]["quantity"]), (&json!(20), &json!(20)));
    other.stop().await;
    shop.end().await;
}
