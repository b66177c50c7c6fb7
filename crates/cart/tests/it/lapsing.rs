//! Carts in which nothing is changed.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::turn_clock;

use crate::support::{Cart, Shop, of, quantities};

async fn hold_all(shop: &Shop, cart: &Cart, quantity: i64) {
    let held = "INSERT INTO holds (cart_id, sku, wanted, held) VALUES ($1, 'pen', $2, $2)";
    sqlx::query(held).bind(cart.uuid()).bind(quantity).execute(&shop.pool).await.unwrap();
}

#[tokio::test]
async fn a_cart_falls_quiet_is_abandoned_and_ends_each_once() {
    let shop = Shop::open(&[]).await;
    let (cart, empty) = (shop.cart().await, shop.cart().await);
    shop.put(&cart, "pen", 2).await;
    hold_all(&shop, &cart, 2).await;
    let stock = shop.shown(&cart).await["lines"][0]["stock"].clone();
    assert_eq!((&stock["status"], stock["held_until"].is_string()), (&"held".into(), true));
    let mut told = vec!["item-added"];
    for (minutes, expected) in
        [(19, None), (21, Some("quiet")), (59, None), (61, Some("abandoned")), (90, None)]
    {
        turn_clock(&shop.pool, Duration::from_mins(minutes)).await;
        assert_eq!(shop.lapse(&[&cart, &empty]).await.len(), 2, "both are to be looked at again");
        told.extend(expected);
        assert_eq!(shop.told(&cart).await, told, "after {minutes} minutes");
    }
    assert_eq!(shop.shown(&cart).await["lines"][0]["stock"]["status"], "released");
    turn_clock(&shop.pool, Duration::from_hours(30 * 24 + 1)).await;
    assert_eq!(shop.lapse(&[&cart, &empty]).await, []);
    told.push("expired");
    assert_eq!(
        (shop.told(&cart).await, shop.told(&empty).await),
        (told.iter().map(|kind| (*kind).to_owned()).collect(), vec!["expired".to_owned()])
    );
    assert_eq!(shop.lapse(&[&cart, &empty]).await, [], "nothing follows");
    assert_eq!(shop.refused(Method::GET, &cart, "", None).await, (StatusCode::GONE, "cart-ended".to_owned()));
}

#[tokio::test]
async fn the_change_of_a_quiet_cart_has_all_of_it_held_again() {
    let shop = Shop::open(&[]).await;
    shop.sell("cup", 100, "EUR").await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    let next = shop.lapse(&[&cart]).await;
    turn_clock(&shop.pool, Duration::ZERO).await;
    assert_eq!(next.len(), 1);
    let added = shop.put(&cart, "cup", 1).await;
    assert_eq!(added["lines"][0]["stock"]["status"], "pending");
    assert_eq!(shop.told(&cart).await, ["item-added", "quiet", "resumed", "item-added"]);
    assert_eq!(added["version"], 4);
    shop.lapse(&[&cart]).await;
    shop.put(&cart, "cup", 2).await;
    assert_eq!(shop.told(&cart).await.len(), 5, "it is not quiet any more");
}

#[tokio::test]
async fn no_change_is_lost_or_overtaken_while_the_timer_looks() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    let adding = async {
        for _ in 0..30 {
            assert_eq!(shop.add(&cart).await, StatusCode::OK);
        }
    };
    let looking = async {
        for _ in 0..30 {
            shop.lapse(&[&cart]).await;
        }
    };
    tokio::join!(adding, looking);
    let shown = shop.shown(&cart).await;
    assert_eq!(quantities(&shown["lines"]), of(&[("pen", 31)]));
    let told = shop.told(&cart).await;
    assert_eq!(shown["version"], told.len(), "the numbers have no gap");
    for (at, kind) in told.iter().enumerate().filter(|(_, kind)| *kind == "quiet") {
        let next = told.get(at + 1);
        assert!(next.is_none_or(|next| next == "resumed"), "{kind} and then {next:?}");
    }
    assert!(told.contains(&"quiet".to_owned()));
}

#[tokio::test]
async fn an_expired_cart_is_opened_again_as_a_new_one() {
    let shop = Shop::open(&[]).await;
    shop.sell("cup", 100, "EUR").await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    shop.put(&cart, "cup", 1).await;
    shop.change(Method::PUT, &cart, "/shopper", Some(json!({"email": "ann@example.test"}))).await;
    assert_eq!(shop.refused(Method::POST, &cart, "/reopen", None).await.1, "not-expired");
    turn_clock(&shop.pool, Duration::from_hours(31 * 24)).await;
    shop.lapse(&[&cart]).await;
    let reopen = async || {
        let answer = shop.send_with(Method::POST, &cart, "/reopen", ("Idempotency-Key", "again"), None).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json::<serde_json::Value>().await.unwrap()
    };
    let again = reopen().await;
    let new = Cart::opened(&again);
    assert_ne!(new.id, cart.id);
    let shown = shop.shown(&new).await;
    assert_eq!(quantities(&shown["lines"]), of(&[("pen", 2), ("cup", 1)]));
    assert_eq!(
        (&shown["shopper"]["email"], &again["cart"]["lines"]),
        (&"ann@example.test".into(), &shown["lines"])
    );
    assert_eq!(shop.told(&new).await, ["items-merged-in", "shopper-attached"]);
    assert_eq!(Cart::opened(&reopen().await).token, new.token, "the same request opens the same cart");
    shop.put(&new, "pen", 5).await;
}
