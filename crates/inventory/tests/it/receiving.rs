use std::sync::Arc;

use events::inventory::StockChanged;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name};

fn receipt(reference: &str, items: &[(&str, i64)]) -> Value {
    let items: Vec<Value> =
        items.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    json!({"reference": reference, "items": items})
}

#[tokio::test]
async fn goods_that_came_in_can_be_promised_and_the_new_stock_is_published() {
    let shop = Shop::with(&[("cup", 1)]).await;
    let cart = Uuid::new_v4();
    shop.take(&[added(cart, "cup", 1, 1)]).await.unwrap();
    let (status, answer) = shop.receive(&receipt("DN 1", &[("jug", 4), ("cup", 3)])).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["reference"], "DN 1");
    assert_eq!(answer["items"], json!([{"sku": "cup", "quantity": 3}, {"sku": "jug", "quantity": 4}]));
    assert_eq!(shop.stock("cup").await, (4, 1));
    assert_eq!(shop.stock("jug").await, (4, 0));
    let changed = shop.published_of::<StockChanged>().await.split_off(1);
    let cup = StockChanged { sku: "cup".into(), on_hand: 4, available: 3 };
    assert_eq!(changed, [cup, StockChanged { sku: "jug".into(), on_hand: 4, available: 4 }]);
}

#[tokio::test]
async fn the_same_receipt_again_changes_nothing_and_gets_the_same_answer() {
    let shop = Shop::open().await;
    let first = shop.receive(&receipt("DN 1", &[("cup", 3), ("jug", 4)])).await;
    let again = shop.receive(&receipt("DN 1", &[("jug", 4), ("cup", 3)])).await;
    assert_eq!(first, again);
    assert_eq!(shop.stock("cup").await, (3, 0));
    assert_eq!(shop.published().await.len(), 2);
}

#[tokio::test]
async fn the_same_reference_with_other_items_is_a_conflict() {
    let shop = Shop::open().await;
    shop.receive(&receipt("DN 1", &[("cup", 3)])).await;
    for other in [&[("cup", 4)][..], &[("jug", 3)], &[("cup", 3), ("jug", 1)]] {
        let (status, problem) = shop.receive(&receipt("DN 1", other)).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(problem_name(&problem), "receipt-differs");
    }
    assert_eq!(shop.stock("cup").await, (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_times_the_same_receipt_at_once_counts_once() {
    let shop = Arc::new(Shop::open().await);
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let shop = shop.clone();
            tokio::spawn(async move { shop.receive(&receipt("DN 1", &[("cup", 3)])).await })
        })
        .collect();
    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.await.unwrap());
    }
    assert_eq!(answers[0].0, StatusCode::OK);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(shop.stock("cup").await, (3, 0));
}

#[tokio::test]
async fn a_receipt_that_makes_no_sense_is_refused() {
    let shop = Shop::open().await;
    for (wrong, kind) in [
        (receipt("", &[("cup", 1)]), "unfitting-body"),
        (receipt(&"x".repeat(101), &[("cup", 1)]), "unfitting-body"),
        (receipt("nul\0", &[("cup", 1)]), "unfitting-body"),
        (receipt("DN 1", &[]), "no-items"),
        (receipt("DN 1", &[("cup", 0)]), "wrong-quantity"),
        (receipt("DN 1", &[("cup", 1), ("cup", 1)]), "duplicate-sku"),
        (receipt("DN 1", &[("", 1)]), "unfitting-body"),
    ] {
        let (status, problem) = shop.receive(&wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(problem_name(&problem), kind);
    }
    assert_eq!(shop.get("/receipts").await.1["receipts"], json!([]));
}

#[tokio::test]
async fn more_pieces_than_can_be_counted_are_refused_and_nothing_is_written() {
    let shop = Shop::with(&[("cup", 1)]).await;
    sqlx::query("UPDATE stock SET on_hand = $1, held = $1 - 1")
        .bind(i64::MAX - 1)
        .execute(&shop.pool)
        .await
        .unwrap();
    let (status, problem) = shop.receive(&receipt("DN 1", &[("jug", 1), ("cup", 2)])).await;
    assert_eq!(
        (status, problem_name(&problem).as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "too-much-stock")
    );
    let (_, problem) = shop.import(&json!([{"sku": "cup", "available": 3}])).await;
    assert_eq!(problem_name(&problem), "too-much-stock");
    assert_eq!(shop.get("/receipts").await.1["receipts"], json!([]));
    assert_eq!(shop.stock("cup").await, (i64::MAX - 1, i64::MAX - 2));
}

#[tokio::test]
async fn what_is_held_comes_on_top_of_what_can_be_promised() {
    let shop = Shop::with(&[("cup", 3)]).await;
    shop.take(&[added(Uuid::new_v4(), "cup", 3, 3)]).await.unwrap();
    assert_eq!(shop.stock("cup").await, (3, 3));
    shop.import(&json!([{"sku": "cup", "available": 3}])).await;
    assert_eq!(shop.stock("cup").await, (6, 3));
    shop.import(&json!([{"sku": "cup", "available": 0}])).await;
    assert_eq!(shop.stock("cup").await, (3, 3));
}

#[tokio::test]
async fn the_history_is_read_page_by_page() {
    let shop = Shop::open().await;
    for reference in ["DN 3", "DN 1", "DN 2"] {
        shop.receive(&receipt(reference, &[("cup", 1), ("jug", 2)])).await;
    }
    let (_, first) = shop.get("/receipts?limit=2").await;
    let (_, second) = shop.get(&format!("/receipts?limit=2&after={}", first["next"])).await;
    let pages = [&first, &second].map(|page| page["receipts"].as_array().unwrap().clone());
    let references: Vec<&Value> = pages.iter().flatten().map(|receipt| &receipt["reference"]).collect();
    assert_eq!(references, ["DN 3", "DN 1", "DN 2"]);
    assert_eq!(pages[1][0]["items"], json!([{"sku": "cup", "quantity": 1}, {"sku": "jug", "quantity": 2}]));
    assert_eq!(second["next"], Value::Null);
    for wrong in ["limit=0", "limit=101", "limit=x", "after=x"] {
        assert_eq!(shop.get(&format!("/receipts?{wrong}")).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
