//! Each service keeps what was done there with the admin key: who, what, on what, why, and how it ended.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;

use crate::harness::{TIMEOUT, TestShop};

/// Does something under a name.
async fn act(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.header("operator", "Ada+Lovelace").send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}

async fn audit(shop: &TestShop, service: &str) -> Vec<Value> {
    let url = format!("{}/audit", shop.url(service));
    let answer = shop.as_operator(Method::GET, &url).send().await.unwrap();
    answer.error_for_status().unwrap().json().await.unwrap()
}

/// What was done, the first first.
async fn actions(shop: &TestShop, service: &str) -> Vec<String> {
    let mut done = audit(shop, service).await;
    done.reverse();
    done.iter()
        .map(|one| format!("{} {}", one["action"].as_str().unwrap(), one["details"]["status"]))
        .collect()
}

#[tokio::test]
async fn every_kind_of_action_is_in_the_service_that_acted() {
    let shop = TestShop::with_all().await;
    let to = |method: Method, service: &str, path: &str| {
        shop.as_operator(method, &format!("{}{path}", shop.url(service)))
    };
    let product = json!({"name": "Lantern", "price": {"amount": 250, "currency": "GBP"}});
    let entry = json!({"sku": "LANTERN", "name": "Lantern", "price": {"amount": 250, "currency": "GBP"}});
    act(to(Method::POST, "catalog", "/products").json(&entry)).await;
    act(to(Method::PUT, "catalog", "/products/LANTERN").json(&product)).await;
    act(to(Method::PUT, "catalog", "/products/CANDLE").json(&product)).await;
    act(to(Method::DELETE, "catalog", "/products/CANDLE")).await;
    let written = [
        "POST /products 201",
        "PUT /products/{sku} 200",
        "PUT /products/{sku} 201",
        "DELETE /products/{sku} 200",
    ];
    let seen = actions(&shop, "catalog").await;
    let routes = |lines: &[String]| {
        lines.iter().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(routes(&seen), routes(&written.map(str::to_owned)), "{seen:?}");
    assert!(seen.iter().all(|line| line.contains(" 20")), "{seen:?}");

    shop.until("cart", "SELECT count(*) FROM products", 2).await;
    act(to(Method::PUT, "inventory", "/stock").json(&json!([{"sku": "LANTERN", "available": 5}]))).await;
    let cart = shop.storefront().open(Some("ann@example.test")).await;
    shop.storefront().add(&cart, "LANTERN", 2).await;
    shop.until("inventory", "SELECT count(*) FROM holds", 1).await;
    let items = |change: &str| json!({"reference": "r1", "reason": "found", "items": [{"sku": "LANTERN", change: 1}]});
    act(to(Method::POST, "inventory", "/adjustments").json(&items("change"))).await;
    let freed =
        act(to(Method::DELETE, "inventory", &format!("/stock/LANTERN/holds/{}?reason=by+phone", cart.id)))
            .await;
    assert_eq!(freed.0, StatusCode::NO_CONTENT);
    act(to(Method::POST, "inventory", "/timers/retry").json(&json!({"kind": "none"}))).await;
    assert_eq!(
        actions(&shop, "inventory").await,
        [
            "PUT /stock 200",
            "POST /adjustments 200",
            "DELETE /stock/{sku}/holds/{id} 204",
            "POST /timers/retry 200"
        ]
    );
    let done = audit(&shop, "inventory").await;
    assert_eq!(done[1]["operator"], "Ada Lovelace");
    assert_eq!(done[1]["reason"], "by phone");
    assert_eq!(done[1]["target"], format!("/stock/LANTERN/holds/{}", cart.id));
    assert_eq!(done[2]["details"]["request"], items("change"));

    let address = json!({"address": "bob@example.test"});
    let (_, suppressed) = act(to(Method::POST, "notify", "/suppressions").json(&address)).await;
    act(to(Method::DELETE, "notify", &format!("/suppressions/{}", suppressed["id"]))).await;
    act(to(Method::POST, "notify", "/mails/retry").json(&json!({"dry_run": true}))).await;
    assert_eq!(
        actions(&shop, "notify").await,
        ["POST /suppressions 200", "DELETE /suppressions/{id} 204", "POST /mails/retry 200"]
    );
    act(to(Method::DELETE, "cart", &format!("/carts/{}/token", cart.id))).await;
    assert_eq!(actions(&shop, "cart").await, ["DELETE /carts/{id}/token 204"]);
    shop.end().await;
}

#[tokio::test]
async fn what_is_only_read_refused_or_without_the_key_is_not_in_it() {
    let shop = TestShop::with(&["inventory"]).await;
    let url = format!("{}/stock", shop.url("inventory"));
    let refused =
        act(shop.as_operator(Method::PUT, &url).json(&json!([{"sku": "LANTERN", "available": -5}]))).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    let other = reqwest::Client::new().put(&url).bearer_auth("guessed").json(&json!([]));
    assert_eq!(act(other).await.0, StatusCode::UNAUTHORIZED);
    act(shop.as_operator(Method::GET, &format!("{}/parked", shop.url("inventory")))).await;
    assert_eq!(audit(&shop, "inventory").await, [""; 0]);
    let without = reqwest::get(format!("{}/audit", shop.url("inventory"))).await.unwrap();
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
    shop.end().await;
}

#[tokio::test]
async fn an_action_is_written_down_before_it_is_done_and_not_done_if_it_can_not_be() {
    let shop = TestShop::with(&["inventory"]).await;
    let count = async |available: i64| {
        let stock = json!([{"sku": "LANTERN", "available": available}]);
        act(shop.as_operator(Method::PUT, &format!("{}/stock", shop.url("inventory"))).json(&stock)).await.0
    };
    assert_eq!(count(5).await, StatusCode::OK);
    let database = shop.database("inventory").await;
    let mut lock = database.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM stock FOR UPDATE").execute(&mut *lock).await.unwrap();
    let looking = async {
        eventually("the row is there before the action is done", TIMEOUT, async || {
            let done = audit(&shop, "inventory").await;
            (done.len() == 2 && done[0]["details"]["status"].is_null()).then_some(())
        })
        .await;
        lock.rollback().await.unwrap();
    };
    let (counted, ()) = tokio::join!(count(6), looking);
    assert_eq!(counted, StatusCode::OK);
    assert_eq!(audit(&shop, "inventory").await[0]["details"]["status"], 200);

    sqlx::raw_sql("ALTER TABLE bus.audit RENAME TO audit_lost").execute(&database).await.unwrap();
    assert!(count(7).await.is_server_error());
    assert_eq!(shop.count("inventory", "SELECT on_hand FROM stock").await, 6);
    sqlx::raw_sql("ALTER TABLE bus.audit_lost RENAME TO audit").execute(&database).await.unwrap();
    shop.end().await;
}
