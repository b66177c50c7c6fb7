//! What operators see of holds, and do with them.

use events::cart::{CartResumed, LineQuantity};
use events::inventory::StockReleased;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Shop, added, from_cart, problem_name};

async fn free(shop: &Shop, cart: Uuid, reason: &str) -> (StatusCode, Value) {
    shop.send(Method::DELETE, &format!("/stock/cup/holds/{cart}?{reason}"), None).await
}

#[tokio::test]
async fn those_who_want_a_product_are_listed_page_by_page_who_waits_first() {
    let shop = Shop::with(&[("cup", 3)]).await;
    let carts: Vec<Uuid> = (0..7).map(|_| Uuid::new_v4()).collect();
    for cart in &carts {
        shop.take(&[added(*cart, "cup", 1, 1), added(*cart, "jug", 1, 1)]).await.unwrap();
    }
    let mut others = carts[..3].to_vec();
    others.sort_unstable();
    let expected: Vec<String> = carts[3..].iter().chain(&others).map(Uuid::to_string).collect();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = shop.get(&format!("/stock/cup/holds?limit=2{after}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        for line in page["lines"].as_array().unwrap() {
            assert_eq!(line["waits_since"].is_null(), line["held"] == 1, "{line}");
            assert!(!line["since"].is_null() && line["wanted"] == 1 && line["lapsed"] == false, "{line}");
            seen.push(line["cart_id"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_hold_that_is_freed_goes_to_who_waits_and_comes_back_only_when_something_happens_in_its_cart() {
    let shop = Shop::with(&[("cup", 2)]).await;
    let carts: Vec<Uuid> = (0..2).map(|_| Uuid::new_v4()).collect();
    shop.take(&[added(carts[0], "cup", 2, 2)]).await.unwrap();
    shop.take(&[added(carts[1], "cup", 1, 1)]).await.unwrap();
    assert_eq!(problem_name(&free(&shop, carts[0], "").await.1), "unfitting-query", "why?");
    assert_eq!(free(&shop, carts[0], "reason=a+bot").await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        (shop.hold(carts[0], "cup").await, shop.hold(carts[1], "cup").await),
        (Some((2, 0)), Some((1, 1)))
    );
    assert_eq!(shop.waiting("cup").await, [], "it doesn't get it back by itself");
    let released = StockReleased { cart_id: carts[0], sku: "cup".into(), released: 2, lapsed: true };
    assert_eq!(shop.published_of::<StockReleased>().await, [released]);
    assert_eq!(free(&shop, carts[0], "reason=again").await.0, StatusCode::NO_CONTENT);
    assert_eq!(shop.published_of::<StockReleased>().await.len(), 1, "once");
    shop.assert_invariant().await;
    let lines = vec![LineQuantity { sku: "cup".into(), quantity: 2 }];
    shop.take(&[from_cart(&CartResumed { cart_id: carts[0], lines })]).await.unwrap();
    assert_eq!(shop.hold(carts[0], "cup").await, Some((2, 1)));
    let (status, problem) = free(&shop, Uuid::new_v4(), "reason=x").await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::NOT_FOUND, "no-hold".to_owned()));
    shop.assert_invariant().await;
}
