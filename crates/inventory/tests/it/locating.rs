//! Stock at several locations.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name, quantity_changed, removed};

async fn count(shop: &Shop, query: &str, counts: &[(&str, i64)]) -> (StatusCode, Value) {
    let entry =
        |(location, on_hand): &(&str, i64)| json!({"sku": "cup", "location": location, "on_hand": on_hand});
    let list: Vec<Value> = counts.iter().map(entry).collect();
    shop.send(Method::PUT, &format!("/stock{query}"), Some(&json!(list))).await
}

/// Location, on hand, held.
async fn places(shop: &Shop) -> Vec<(String, i64, i64)> {
    let (_, stock) = shop.get("/stock/cup").await;
    let places = stock["locations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |place: &Value, field: &str| place[field].as_i64().unwrap();
    let place = |place: &Value| {
        (place["location"].as_str().unwrap().to_owned(), number(place, "on_hand"), number(place, "held"))
    };
    places.iter().map(place).collect()
}

fn expected(places: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    places.iter().map(|(place, on_hand, held)| ((*place).to_owned(), *on_hand, *held)).collect()
}

#[tokio::test]
async fn a_hold_is_taken_where_most_is_free_may_be_split_and_is_given_back_where_it_came_from() {
    let shop = Shop::open().await;
    assert_eq!(count(&shop, "", &[("main", 2), ("north", 4)]).await.0, StatusCode::OK);
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    shop.take(&[added(one, "cup", 3, 3)]).await.unwrap();
    assert_eq!(places(&shop).await, expected(&[("main", 2, 0), ("north", 4, 3)]));
    shop.take(&[added(two, "cup", 3, 3)]).await.unwrap();
    assert_eq!(places(&shop).await, expected(&[("main", 2, 2), ("north", 4, 4)]));
    shop.take(&[quantity_changed(two, "cup", 3, 2)]).await.unwrap();
    assert_eq!(places(&shop).await, expected(&[("main", 2, 2), ("north", 4, 3)]), "the smaller part first");
    shop.take(&[removed(one, "cup", 3), removed(two, "cup", 2)]).await.unwrap();
    assert_eq!(places(&shop).await, expected(&[("main", 2, 0), ("north", 4, 0)]));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_shop_with_one_location_sees_nothing_of_them() {
    let shop = Shop::with(&[("cup", 3)]).await;
    shop.take(&[added(Uuid::new_v4(), "cup", 1, 1)]).await.unwrap();
    assert_eq!(shop.get("/stock/cup").await.1.get("locations"), None);
    let elsewhere: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM stock, holds WHERE on_hand_elsewhere IS NOT NULL OR holds.held_elsewhere IS NOT NULL",
    )
    .fetch_one(&shop.pool)
    .await
    .unwrap();
    assert_eq!(elsewhere, 0);
}

#[tokio::test]
async fn what_is_missing_at_one_location_is_taken_from_another_before_a_line_is_short() {
    let shop = Shop::open().await;
    count(&shop, "", &[("north", 3), ("west", 2)]).await;
    let cart = Uuid::new_v4();
    shop.take(&[added(cart, "cup", 3, 3)]).await.unwrap();
    let (status, problem) = count(&shop, "", &[("north", 1)]).await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::CONFLICT, "held-for-carts".to_owned()));
    assert_eq!(count(&shop, "?cut_holds=newest", &[("north", 1)]).await.0, StatusCode::OK);
    assert_eq!(places(&shop).await, expected(&[("main", 0, 0), ("north", 1, 1), ("west", 2, 2)]));
    assert_eq!(shop.hold(cart, "cup").await, Some((3, 3)));
    assert_eq!(count(&shop, "?cut_holds=newest", &[("west", 0)]).await.0, StatusCode::OK);
    assert_eq!(shop.hold(cart, "cup").await, Some((3, 1)));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn goods_come_in_and_are_adjusted_at_a_location() {
    let shop = Shop::with(&[("cup", 1)]).await;
    let receipt = |location: &str| json!({"reference": "DN 1", "location": location, "items": [{"sku": "cup", "quantity": 4}]});
    assert_eq!(shop.receive(&receipt("north")).await.1["location"], "north");
    assert_eq!(shop.receive(&receipt("west")).await.0, StatusCode::CONFLICT, "another receipt");
    let adjustment = |location: &str| {
        let items = json!([{"sku": "cup", "change": -2}]);
        json!({"reference": "A 1", "reason": "lost", "location": location, "items": items})
    };
    let lost = shop.send(Method::POST, "/adjustments", Some(&adjustment("main"))).await;
    assert_eq!((lost.0, problem_name(&lost.1)), (StatusCode::CONFLICT, "not-on-hand".to_owned()));
    assert_eq!(shop.send(Method::POST, "/adjustments", Some(&adjustment("north"))).await.0, StatusCode::OK);
    assert_eq!(places(&shop).await, expected(&[("main", 1, 0), ("north", 2, 0)]));
    let wrong = json!([{"sku": "cup", "location": "No Where", "on_hand": 1}]);
    assert_eq!(problem_name(&shop.import(&wrong).await.1), "unfitting-body");
    shop.assert_invariant().await;
}
