//! What the one change costs that comes most often, and what it shows though it reads little.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Cart, Shop};

/// The rows that were written, by table.
const WRITTEN: &str = "SELECT coalesce(string_agg(relname || ' ' || n_tup_ins + n_tup_upd, ', ' ORDER BY relname), '')
    FROM pg_stat_user_tables
    WHERE n_tup_ins + n_tup_upd > 0 AND relname IN ('carts', 'cart_events', 'lines', 'saved_lines', 'shoppers',
        'idempotency', 'cart_snapshots', 'outbox', 'sequences', 'timers')";

async fn add(shop: &Shop, cart: &Cart, number: usize) {
    let item = json!({"sku": "pen", "quantity": 1});
    let key = format!("key {number}");
    let request = shop.request(Method::POST, cart, "/items").header("Idempotency-Key", key);
    let answer = request.header("Prefer", "return=minimal").json(&item).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_addition_writes_its_event_twice_its_key_its_line_and_its_carts_version() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    for number in 1..=10 {
        add(&shop, &cart, number).await;
    }
    // The cart's row was written once more, when it was opened. Its timer was set then, and moved with the first line.
    let expected = "cart_events 10, carts 11, idempotency 10, lines 10, outbox 10, timers 2";
    testkit::eventually("the statistics of ten additions", Duration::from_secs(30), async || {
        let written: String = sqlx::query_scalar(WRITTEN).fetch_one(&shop.pool).await.unwrap();
        (written == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_others_change_shows_in_the_next_answer_of_an_instance_that_keeps_it_in_memory() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    let stock = async |quantity| shop.put(&cart, "pen", quantity).await["lines"][0]["stock"].clone();
    assert_eq!(stock(1).await["status"], "pending");
    for quantity in [2, 3] {
        shop.hold(&cart, "pen", quantity).await;
        assert_eq!(stock(quantity).await["held"], quantity);
    }
    for price in [120, 90] {
        shop.sell("pen", price, "EUR").await;
        assert_eq!(shop.put(&cart, "pen", 4).await["lines"][0]["unit_price"]["amount"], price);
    }
    shop.retire("pen").await;
    let more = Some(json!({"quantity": 5}));
    assert_eq!(shop.refused(Method::PUT, &cart, "/items/pen", more).await.1, "retired-product");
}
