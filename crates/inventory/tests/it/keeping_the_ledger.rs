//! Whatever changes what is on hand is in the ledger, and the ledger adds up to the stock.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name};

async fn adjust(shop: &Shop, query: &str, reference: &str, items: &Value) -> (StatusCode, Value) {
    let adjustment = json!({"reference": reference, "reason": "broken in transport", "items": items});
    shop.send(Method::POST, &format!("/adjustments{query}"), Some(&adjustment)).await
}

async fn movements(shop: &Shop, sku: &str) -> Vec<(String, i64, i64)> {
    let (status, page) = shop.get(&format!("/stock/{sku}/movements")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let movements = page["movements"].as_array().unwrap();
    let movement = |movement: &Value| {
        let number = |field: &str| movement[field].as_i64().unwrap();
        (movement["kind"].as_str().unwrap().to_owned(), number("pieces"), number("on_hand"))
    };
    movements.iter().rev().map(movement).collect()
}

fn expected(movements: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    movements.iter().map(|(kind, pieces, on_hand)| ((*kind).to_owned(), *pieces, *on_hand)).collect()
}

#[tokio::test]
async fn receipts_counts_and_adjustments_are_movements_and_holds_are_none() {
    let shop = Shop::with(&[("cup", 3)]).await;
    let items = json!([{"sku": "cup", "quantity": 4}]);
    shop.receive(&json!({"reference": "DN 1", "items": items})).await;
    shop.take(&[added(Uuid::new_v4(), "cup", 2, 2)]).await.unwrap();
    let (status, answer) = adjust(&shop, "", "A 1", &json!([{"sku": "cup", "change": -2}])).await;
    assert_eq!((status, &answer["items"][0]["change"]), (StatusCode::OK, &json!(-2)), "{answer}");
    assert_eq!(
        adjust(&shop, "", "A 1", &json!([{"sku": "cup", "change": -2}])).await.1,
        answer,
        "a repetition"
    );
    shop.count("", &[("cup", 6)]).await;
    let all = [("count", 3, 3), ("receipt", 4, 7), ("adjustment", -2, 5), ("count", 1, 6)];
    assert_eq!(movements(&shop, "cup").await, expected(&all));
    let (_, page) = shop.get("/stock/cup/movements?limit=2").await;
    let (_, rest) = shop.get(&format!("/stock/cup/movements?limit=2&before={}", page["next"])).await;
    assert_eq!(
        (&page["movements"][1]["reference"], &page["movements"][1]["reason"]),
        (&json!("A 1"), &json!("broken in transport"))
    );
    assert_eq!((&rest["movements"][0]["reference"], &rest["next"]), (&json!("DN 1"), &Value::Null));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn an_adjustment_takes_no_more_than_there_is_and_nothing_that_is_held_unless_told() {
    let shop = Shop::with(&[("cup", 3), ("jug", 1)]).await;
    let cart = Uuid::new_v4();
    shop.take(&[added(cart, "cup", 2, 2)]).await.unwrap();
    let change = |change: i64| json!([{"sku": "jug", "change": 1}, {"sku": "cup", "change": change}]);
    for (wanted, status, name) in [
        (-4, StatusCode::CONFLICT, "not-on-hand"),
        (-2, StatusCode::CONFLICT, "held-for-carts"),
        (0, StatusCode::UNPROCESSABLE_ENTITY, "wrong-quantity"),
        (i64::MAX, StatusCode::UNPROCESSABLE_ENTITY, "wrong-quantity"),
    ] {
        let (answered, problem) = adjust(&shop, "", "A 1", &change(wanted)).await;
        assert_eq!((answered, problem_name(&problem)), (status, name.to_owned()), "{problem}");
    }
    assert_eq!(shop.stock("jug").await, (1, 0), "nothing was changed");
    assert_eq!(adjust(&shop, "?cut_holds=newest", "A 1", &change(-2)).await.0, StatusCode::OK);
    assert_eq!((shop.stock("cup").await, shop.hold(cart, "cup").await), ((1, 1), Some((2, 1))));
    let (status, problem) = adjust(&shop, "", "A 1", &change(-1)).await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::CONFLICT, "adjustment-differs".to_owned()));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn what_was_changed_without_the_ledger_is_written_down_with_the_next_movement() {
    let shop = Shop::with(&[("cup", 3)]).await;
    sqlx::query("UPDATE stock SET on_hand = 5").execute(&shop.pool).await.unwrap();
    let mut connection = shop.pool.acquire().await.unwrap();
    let [difference] = &inventory::ledger_differences(&mut connection).await.unwrap()[..] else {
        panic!("one")
    };
    assert_eq!((difference.on_hand, difference.recorded), (5, 3));
    shop.count("", &[("cup", 6)]).await;
    let all = [("count", 3, 3), ("unrecorded", 2, 5), ("count", 1, 6)];
    assert_eq!(movements(&shop, "cup").await, expected(&all));
    shop.assert_invariant().await;
}
