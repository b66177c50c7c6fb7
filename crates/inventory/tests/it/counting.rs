//! What somebody counts on the shelf.

use events::inventory::{AvailabilityChanged, Level, StockChanged, StockShort};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Shop, added, problem_name, removed};

async fn carts_hold(shop: &Shop, pieces: &[i64]) -> Vec<Uuid> {
    let mut carts = Vec::new();
    for pieces in pieces {
        let cart = Uuid::new_v4();
        shop.take(&[added(cart, "cup", *pieces, *pieces)]).await.unwrap();
        carts.push(cart);
    }
    carts
}

#[tokio::test]
async fn a_count_includes_what_is_held() {
    let shop = Shop::with(&[("cup", 3)]).await;
    carts_hold(&shop, &[3]).await;
    assert_eq!(shop.count("", &[("cup", 3)]).await.1["changed"], 0, "three on the shelf, all held");
    assert_eq!(shop.count("", &[("cup", 5), ("jug", 2)]).await.1["changed"], 2);
    assert_eq!((shop.stock("cup").await, shop.stock("jug").await), ((5, 3), (2, 0)));
    let events = shop.published_of::<StockChanged>().await.split_off(1);
    let changed = |sku: &str, on_hand, available| StockChanged { sku: sku.into(), on_hand, available };
    assert_eq!(events, [changed("cup", 5, 2), changed("jug", 2, 2)]);
    shop.assert_invariant().await;
}

#[tokio::test]
async fn fewer_than_are_held_are_refused_unless_it_is_said_whose_they_were() {
    let shop = Shop::with(&[("cup", 6)]).await;
    let carts = carts_hold(&shop, &[2, 2, 2]).await;
    let (status, problem) = shop.count("", &[("jug", 1), ("cup", 3)]).await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::CONFLICT, "held-for-carts".into()));
    assert!(problem["detail"].as_str().unwrap().contains("of 3 pieces at 'main', 6 are held"), "{problem}");
    assert_eq!(shop.get("/stock/jug").await.0, StatusCode::NOT_FOUND, "nothing was changed");

    let (status, answer) = shop.count("?cut_holds=newest", &[("cup", 3)]).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({"changed": 1, "cut_lines": 2})));
    let mut held = Vec::new();
    for cart in &carts {
        held.push(shop.hold(*cart, "cup").await.unwrap().1);
    }
    assert_eq!(held, [2, 1, 0], "the newest lose first");
    let cut: Vec<_> =
        shop.published_of::<StockShort>().await.into_iter().map(|event| (event.cart_id, event.cut)).collect();
    assert_eq!(cut, [(carts[1], Some(1)), (carts[2], Some(2))]);
    assert_eq!(shop.waiting("cup").await, carts[1..], "they wait, in their order");
    shop.take(&[removed(carts[0], "cup", 2)]).await.unwrap();
    assert_eq!(shop.hold(carts[1], "cup").await, Some((2, 2)));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn an_entry_has_exactly_one_number() {
    let shop = Shop::open().await;
    for entry in [json!({"sku": "cup"}), json!({"sku": "cup", "on_hand": 1, "available": 1})] {
        let (status, problem) = shop.import(&json!([entry])).await;
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::UNPROCESSABLE_ENTITY, "wrong-quantity".into())
        );
    }
    let (status, problem) = shop.send(Method::PUT, "/stock?cut_holds=oldest", Some(&json!([]))).await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::BAD_REQUEST, "unfitting-query".into()));
}

#[tokio::test]
async fn sold_out_low_and_back_are_told_once_each_time_they_become_so() {
    let shop = Shop::open().await;
    let list = json!([{"sku": "cup", "on_hand": 5, "low_at": 2}]);
    assert_eq!(shop.import(&list).await.0, 200);
    let mut carts = Vec::new();
    for _ in 0..5 {
        carts.extend(carts_hold(&shop, &[1]).await);
    }
    assert_eq!(shop.get("/stock/cup").await.1["availability"], "sold-out");
    for cart in &carts {
        shop.take(&[removed(*cart, "cup", 1)]).await.unwrap();
    }
    assert_eq!(shop.count("", &[("cup", 1)]).await.0, 200);
    assert_eq!(shop.get("/stock/cup").await.1["availability"], "low");
    let events = shop.published_of::<AvailabilityChanged>().await;
    let levels: Vec<(i64, Option<Level>)> =
        events.iter().map(|event| (event.available, event.level)).collect();
    let expected =
        [(2, Level::Low), (0, Level::SoldOut), (1, Level::Low), (3, Level::InStock), (1, Level::Low)];
    assert_eq!(levels, expected.map(|(available, level)| (available, Some(level))));
}

/// What a client sends that knows nothing of `on_hand`.
#[tokio::test]
async fn what_can_be_promised_may_still_be_said_instead() {
    let shop = Shop::with(&[("cup", 3)]).await;
    carts_hold(&shop, &[3]).await;
    let list: Value = json!([{"sku": "cup", "available": 3}]);
    assert_eq!(shop.import(&list).await.0, 200);
    assert_eq!(shop.stock("cup").await, (6, 3));
    shop.assert_invariant().await;
}
