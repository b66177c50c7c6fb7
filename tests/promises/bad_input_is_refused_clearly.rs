use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Cart, TestShop};

/// Sends it and expects a problem of this status and kind, with a text for a person.
async fn refused(request: RequestBuilder, status: u16, kind: &str) {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), status, "{kind}");
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json", "{kind}");
    assert!(answer.headers().contains_key("x-request-id"), "{kind}");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], format!("/problems/{kind}"));
    assert_eq!(problem["status"], status);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{problem}");
}

#[tokio::test]
async fn bad_input_gets_a_clear_problem_and_changes_nothing() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["LANTERN"]).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    let before = storefront.add(&cart, "LANTERN", 999).await;
    let items = || storefront.request(Method::POST, &cart, "/items");
    let add = |sku: &str, quantity: Value| items().json(&json!({"sku": sku, "quantity": quantity}));

    refused(add("NOWHERE", json!(1)), 422, "unknown-sku").await;
    refused(add("LANTERN", json!(0)), 422, "quantity-too-small").await;
    refused(add("LANTERN", json!(-3)), 422, "quantity-too-small").await;
    refused(add("LANTERN", json!(2)), 422, "quantity-too-large").await;
    refused(add("LANTERN", json!(i64::MAX)), 422, "quantity-too-large").await;
    refused(add("LANTERN", json!(1.5)), 422, "unfitting-body").await;
    refused(add("LANTERN", json!("1")), 422, "unfitting-body").await;
    refused(items().json(&json!({"quantity": 1})), 422, "unfitting-body").await;
    refused(items().header(CONTENT_TYPE, "application/json").body("{\"sku\": "), 400, "malformed-json").await;
    refused(items().header(CONTENT_TYPE, "text/plain").body("{}"), 415, "wrong-content-type").await;
    refused(add(&"x".repeat(100_000), json!(1)), 413, "body-too-long").await;
    let patch = storefront.request(Method::PATCH, &cart, "/items/OTHER").json(&json!({"quantity": 1}));
    refused(patch, 404, "not-in-cart").await;
    refused(storefront.request(Method::DELETE, &cart, "/items/OTHER"), 404, "not-in-cart").await;
    let shopper = |body: Value| storefront.request(Method::PUT, &cart, "/shopper").json(&body);
    refused(shopper(json!({"email": "nobody"})), 422, "unfitting-body").await;
    refused(shopper(json!({"email": "a@example.test\r\nBcc: b@example.test"})), 422, "unfitting-body").await;
    refused(shopper(json!({"email": "a@example.test", "language": "English"})), 422, "unfitting-body").await;
    refused(storefront.request(Method::PUT, &cart, "/items"), 405, "wrong-method").await;
    refused(storefront.request(Method::GET, &cart, "/nothing"), 404, "unknown-path").await;

    assert_eq!(storefront.get(&cart).await["lines"], before["lines"]);
    shop.end().await;
}

#[tokio::test]
async fn a_line_of_a_retired_product_can_shrink_and_go_but_not_grow() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["LANTERN"]).await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    storefront.add(&cart, "LANTERN", 4).await;
    let product = format!("{}/products/LANTERN", shop.url("catalog"));
    shop.as_operator(Method::DELETE, &product).send().await.unwrap().error_for_status().unwrap();
    shop.until("cart", "SELECT count(*) FROM products WHERE retired", 1).await;

    let line = |method: Method| storefront.request(method, &cart, "/items/LANTERN");
    let set = |quantity: i64| line(Method::PATCH).json(&json!({"quantity": quantity}));
    refused(set(5), 422, "retired-product").await;
    assert_eq!(storefront.get(&cart).await["lines"][0]["quantity"], 4);
    assert_eq!(set(3).send().await.unwrap().status(), 200);
    assert_eq!(line(Method::DELETE).send().await.unwrap().status(), 200);
    shop.end().await;
}

/// The catalogue refuses such prices by now; there may be products from before.
#[tokio::test]
async fn a_cart_that_would_cost_more_than_an_amount_of_money_can_be_is_refused() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["PALACE", "LANTERN"]).await;
    let price = "UPDATE products SET price = 9223372036854775807 / 2 WHERE sku = 'PALACE'";
    sqlx::query(price).execute(&shop.database("cart").await).await.unwrap();
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    let before = storefront.add(&cart, "PALACE", 2).await;
    let add = |sku: &str| {
        storefront.request(Method::POST, &cart, "/items").json(&json!({"sku": sku, "quantity": 1}))
    };
    refused(add("PALACE"), 422, "too-expensive").await;
    refused(add("LANTERN"), 422, "too-expensive").await;
    let set = storefront.request(Method::PATCH, &cart, "/items/PALACE").json(&json!({"quantity": 3}));
    refused(set, 422, "too-expensive").await;
    assert_eq!(storefront.get(&cart).await["total"], before["total"]);
    shop.end().await;
}

#[tokio::test]
async fn a_guessed_id_and_a_wrong_token_open_nothing() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let storefront = shop.storefront();
    let (mine, other) = (storefront.open(None).await, storefront.open(None).await);
    let stranger = Cart { id: mine.id, token: other.token.clone() };
    let nowhere = Cart { id: Uuid::new_v4(), token: mine.token.clone() };
    for cart in [&stranger, &nowhere] {
        refused(storefront.request(Method::GET, cart, ""), 404, "unknown-cart").await;
        let add =
            storefront.request(Method::POST, cart, "/items").json(&json!({"sku": "LANTERN", "quantity": 1}));
        refused(add, 404, "unknown-cart").await;
        refused(storefront.request(Method::DELETE, cart, "/items/LANTERN"), 404, "unknown-cart").await;
    }
    let bare = storefront.http.get(format!("{}/carts/{}", shop.url("cart"), mine.id));
    refused(bare, 401, "cart-token-needed").await;
    let no_id = storefront.http.get(format!("{}/carts/1", shop.url("cart"))).bearer_auth(&mine.token);
    refused(no_id, 400, "unfitting-path").await;
    shop.end().await;
}

#[tokio::test]
async fn what_only_operators_may_do_needs_the_admin_key() {
    let shop = TestShop::with(&["catalog", "inventory", "notify"]).await;
    let http = reqwest::Client::new();
    for (method, service, path) in [
        (Method::POST, "catalog", "/products/import"),
        (Method::PUT, "inventory", "/stock"),
        (Method::POST, "inventory", "/receipts"),
        (Method::GET, "notify", "/mails"),
        (Method::GET, "inventory", "/parked"),
    ] {
        let url = format!("{}{path}", shop.url(service));
        refused(http.request(method.clone(), &url), 401, "admin-key-needed").await;
        refused(http.request(method, &url).bearer_auth("guess"), 401, "admin-key-needed").await;
    }
    shop.end().await;
}
