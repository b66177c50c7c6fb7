//! Carts in which nothing is changed.

use std::cell::Cell;
use std::time::Duration;

use bus::OwnEvents;
use cart::Facts;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{eventually, turn_clock};

use crate::support::{Cart, Shop, TIMEOUT, of, quantities};

#[tokio::test]
async fn a_cart_falls_quiet_is_abandoned_and_ends_each_once() {
    let shop = Shop::open(&[]).await;
    let (cart, empty) = (shop.cart().await, shop.cart().await);
    shop.put(&cart, "pen", 2).await;
    shop.hold(&cart, "pen", 2).await;
    let stock = shop.shown(&cart).await["lines"][0]["stock"].clone();
    assert_eq!((&stock["status"], stock["held_until"].is_string()), (&"held".into(), true));
    let mut types = vec!["item-added"];
    for (too_early, minutes, expected) in [(19, 21, "quiet"), (59, 61, "abandoned")] {
        turn_clock(&shop.pool, Duration::from_mins(too_early)).await;
        shop.look_at(&cart).await;
        shop.look_at(&empty).await;
        assert_eq!(shop.event_types(&cart).await, types, "after {too_early} minutes");
        turn_clock(&shop.pool, Duration::from_mins(minutes)).await;
        types.push(expected);
        shop.until_event_types(&cart, &types).await;
    }
    assert_eq!(shop.shown(&cart).await["lines"][0]["stock"]["status"], "released");
    shop.look_at(&cart).await;
    assert_eq!(shop.event_types(&cart).await, types, "each once");
    turn_clock(&shop.pool, Duration::from_hours(30 * 24 + 1)).await;
    types.push("expired");
    shop.until_event_types(&cart, &types).await;
    shop.until_event_types(&empty, &["expired"]).await;
    shop.look_at(&cart).await;
    assert_eq!(shop.event_types(&cart).await, types, "nothing follows");
    let timers: i64 =
        sqlx::query_scalar("SELECT count(*) FROM bus.timers").fetch_one(&shop.pool).await.unwrap();
    assert_eq!(timers, 0, "nobody looks at a cart that has ended");
    assert_eq!(shop.refused(Method::GET, &cart, "", None).await, (StatusCode::GONE, "cart-ended".to_owned()));
}

#[tokio::test]
async fn the_change_of_a_quiet_cart_has_all_of_it_held_again() {
    let shop = Shop::open(&[]).await;
    shop.sell("cup", 100, "EUR").await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    shop.until_event_types(&cart, &["item-added", "quiet"]).await;
    turn_clock(&shop.pool, Duration::ZERO).await;
    let added = shop.put(&cart, "cup", 1).await;
    assert_eq!(added["lines"][0]["stock"]["status"], "pending");
    let mut types = vec!["item-added", "quiet", "resumed", "item-added"];
    assert_eq!(shop.event_types(&cart).await, types);
    assert_eq!(added["version"], 4);
    shop.look_at(&cart).await;
    shop.put(&cart, "cup", 2).await;
    types.push("item-quantity-changed");
    assert_eq!(shop.event_types(&cart).await, types, "it is not quiet any more");
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    types.push("quiet");
    shop.until_event_types(&cart, &types).await;
}

#[tokio::test]
async fn no_change_is_lost_or_overtaken_while_the_timer_looks() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    let (mut added, is_looking) = (1, Cell::new(true));
    let adding = async {
        while is_looking.get() && added < 900 {
            assert_eq!(shop.add(&cart).await, StatusCode::OK);
            added += 1;
        }
    };
    let looking = async {
        for _ in 0..6 {
            shop.look_at(&cart).await;
        }
        is_looking.set(false);
    };
    tokio::join!(adding, looking);
    let shown = shop.shown(&cart).await;
    assert_eq!(quantities(&shown["lines"]), of(&[("pen", added)]));
    let types = shop.event_types(&cart).await;
    assert_eq!(shown["version"], types.len(), "the numbers have no gap");
    for (at, kind) in types.iter().enumerate().filter(|(_, kind)| *kind == "quiet") {
        let next = types.get(at + 1);
        assert!(next.is_none_or(|next| next == "resumed"), "{kind} and then {next:?}");
    }
    assert!(types.contains(&"quiet".to_owned()));
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
    shop.until_event_types(&cart, &["item-added", "item-added", "shopper-attached", "expired"]).await;
    let reopen = async || {
        let answer = shop.send_with(Method::POST, &cart, "/reopen", ("Idempotency-Key", "again"), None).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json::<Value>().await.unwrap()
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
    assert_eq!(shop.event_types(&new).await, ["items-merged-in", "shopper-attached"]);
    assert_eq!(Cart::opened(&reopen().await).token, new.token, "the same request opens the same cart");
    shop.put(&new, "pen", 5).await;
}

#[tokio::test]
async fn the_address_of_an_expired_cart_is_erased_as_the_operations_guide_says() {
    let guide = include_str!("../../../../docs/operations.md");
    let (_, erasing) = guide.split_once("To erase an address").unwrap();
    let erasing = erasing.split("```sql").nth(1).unwrap().split("```").next().unwrap();
    let mut shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 2).await;
    shop.change(Method::PUT, &cart, "/shopper", Some(json!({"email": "ann@example.test"}))).await;
    turn_clock(&shop.pool, Duration::from_hours(31 * 24)).await;
    shop.until_event_types(&cart, &["item-added", "shopper-attached", "expired"]).await;
    sqlx::raw_sql(erasing).execute(&shop.pool).await.unwrap();
    let left = "SELECT (SELECT count(*) FROM shoppers) + count(*) FILTER (WHERE data::text LIKE '%ann@%') FROM cart_events";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&shop.pool).await.unwrap(), 0);
    shop.restart().await;
    let again = shop.send_with(Method::POST, &cart, "/reopen", ("Idempotency-Key", "again"), None).await;
    let again: Value = again.json().await.unwrap();
    assert_eq!(
        (quantities(&again["cart"]["lines"]), &again["cart"]["shopper"]),
        (of(&[("pen", 2)]), &Value::Null)
    );
}

/// A former release has opened it.
#[tokio::test]
async fn a_cart_without_a_timer_gets_one_when_an_instance_starts() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    sqlx::query("DELETE FROM bus.timers").execute(&shop.pool).await.unwrap();
    let _another = shop.start_another().await;
    eventually("a look is set", TIMEOUT, async || shop.will_be_looked_at(&cart).await.then_some(())).await;
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    shop.until_event_types(&cart, &["item-added", "quiet"]).await;
}

/// The backup's timers know nothing of what was changed since.
#[tokio::test]
async fn a_cart_that_is_restored_from_its_events_is_looked_at() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    shop.put(&cart, "pen", 1).await;
    let events = testkit::published(&shop.pool).await;
    for lost in ["carts", "cart_events", "lines", "bus.timers"] {
        let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {lost}"));
        sqlx::query(delete).execute(&shop.pool).await.unwrap();
    }
    let mut transaction = shop.pool.begin().await.unwrap();
    Facts.import(&events.iter().collect::<Vec<_>>(), &mut transaction).await.unwrap();
    bus::commit(transaction).await.unwrap();
    eventually("a look is set", TIMEOUT, async || shop.will_be_looked_at(&cart).await.then_some(())).await;
    turn_clock(&shop.pool, Duration::from_mins(21)).await;
    shop.until_event_types(&cart, &["item-added", "quiet"]).await;
}
