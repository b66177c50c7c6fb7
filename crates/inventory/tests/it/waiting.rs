//! Who is short waits, and what comes free goes to who has been short for longest.

use std::time::Duration;

use events::cart::{CartDeleted, CartMerged, CartResumed, LineQuantity};
use events::inventory::{AvailabilityChanged, StockHeld, StockShort};
use serde_json::json;
use uuid::Uuid;

use crate::ending::{merged_in, quiet};
use crate::support::{Shop, added, from_cart, quantity_changed, removed};

/// Carts that each want this many cups, one after the other.
async fn carts_want(shop: &Shop, pieces: &[i64]) -> Vec<Uuid> {
    let mut carts = Vec::new();
    for pieces in pieces {
        let cart = Uuid::new_v4();
        shop.take(&[added(cart, "cup", *pieces, *pieces)]).await.unwrap();
        carts.push(cart);
    }
    carts
}

async fn held(shop: &Shop, carts: &[Uuid]) -> Vec<i64> {
    let mut held = Vec::new();
    for cart in carts {
        held.push(shop.hold(*cart, "cup").await.map_or(-1, |(_, held)| held));
    }
    held
}

#[tokio::test]
async fn what_is_given_back_goes_to_the_line_that_has_been_short_for_longest_and_an_event_says_so() {
    let shop = Shop::with(&[("cup", 3)]).await;
    let carts = carts_want(&shop, &[3, 2, 2, 1]).await;
    assert_eq!(shop.waiting("cup").await, carts[1..]);
    // The oldest wants more, and stays the first.
    shop.take(&[quantity_changed(carts[1], "cup", 2, 3)]).await.unwrap();
    let gives_back = quantity_changed(carts[0], "cup", 3, 1);
    shop.take(std::slice::from_ref(&gives_back)).await.unwrap();
    assert_eq!(held(&shop, &carts).await, [1, 2, 0, 0]);
    shop.take(&[removed(carts[0], "cup", 1)]).await.unwrap();
    assert_eq!(held(&shop, &carts).await, [-1, 3, 0, 0]);
    shop.take(&[removed(carts[1], "cup", 3)]).await.unwrap();
    assert_eq!(held(&shop, &carts).await, [-1, -1, 2, 1]);
    shop.assert_invariant().await;

    let short = shop.published_of::<StockShort>().await;
    let part: Vec<&StockShort> = short.iter().filter(|event| event.filled.is_some()).collect();
    let expected =
        StockShort { cart_id: carts[1], sku: "cup".into(), wanted: 3, held: 2, filled: Some(2), cut: None };
    assert_eq!(part, [&expected]);
    let filled = shop.published_of::<StockHeld>().await.into_iter().filter(|event| event.filled.is_some());
    let filled: Vec<_> = filled.map(|event| (event.cart_id, event.held, event.filled)).collect();
    assert_eq!(filled, [(carts[1], 3, Some(1)), (carts[2], 2, Some(2)), (carts[3], 1, Some(1))]);
    let events = shop.published().await;
    let of_part = events.iter().find(|event| {
        event.cause.causation_id == Some(gives_back.id) && event.subject == carts[1].to_string()
    });
    assert!(of_part.is_some(), "what set it free is its cause");
    let available = shop.published_of::<AvailabilityChanged>().await;
    assert_eq!(
        available.iter().map(|event| event.available).collect::<Vec<_>>(),
        [0],
        "never there in between"
    );
}

#[tokio::test]
async fn within_a_batch_the_order_is_that_of_the_events_and_those_from_before_come_first() {
    let shop = Shop::with(&[("cup", 2)]).await;
    let before = carts_want(&shop, &[2, 1]).await;
    let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
    let batch = [
        added(one, "cup", 1, 1),
        added(two, "cup", 1, 1),
        removed(before[0], "cup", 2),
        added(before[0], "cup", 1, 1),
    ];
    shop.take(&batch).await.unwrap();
    assert_eq!(held(&shop, &before).await, [0, 1]);
    assert_eq!(held(&shop, &[one, two]).await, [1, 0]);
    assert_eq!(shop.waiting("cup").await, [two, before[0]]);
    shop.assert_invariant().await;
}

#[tokio::test]
async fn goods_that_come_in_and_counts_serve_those_who_wait_first() {
    let shop = Shop::with(&[("cup", 1)]).await;
    let carts = carts_want(&shop, &[2, 2, 2]).await;
    let items = [json!({"sku": "cup", "quantity": 2})];
    assert_eq!(shop.receive(&json!({"reference": "DN 1", "items": items})).await.0, 200);
    assert_eq!(held(&shop, &carts).await, [2, 1, 0]);
    assert_eq!(shop.count("", &[("cup", 7)]).await.0, 200);
    assert_eq!(held(&shop, &carts).await, [2, 2, 2]);
    assert_eq!(shop.stock("cup").await, (7, 6));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_quiet_cart_does_not_wait_and_begins_at_the_end_when_it_is_back() {
    let shop = Shop::with(&[("cup", 1)]).await;
    let carts = carts_want(&shop, &[1, 1, 1]).await;
    shop.take(&[quiet(carts[0]), quiet(carts[1])]).await.unwrap();
    assert_eq!(held(&shop, &carts).await, [0, 0, 1]);
    assert!(shop.waiting("cup").await.is_empty());
    let lines = vec![LineQuantity { sku: "cup".into(), quantity: 1 }];
    for cart in [carts[1], carts[0]] {
        shop.take(&[from_cart(&CartResumed { cart_id: cart, lines: lines.clone() })]).await.unwrap();
    }
    assert_eq!(shop.waiting("cup").await, [carts[1], carts[0]]);
    shop.take(&[from_cart(&CartDeleted { cart_id: carts[2] })]).await.unwrap();
    assert_eq!(held(&shop, &carts).await, [0, 1, -1]);
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_merge_keeps_the_place_in_the_line_whichever_end_is_heard_of_first_in_a_batch() {
    let shop = Shop::with(&[("cup", 1)]).await;
    let carts = carts_want(&shop, &[1, 2, 1]).await;
    let shopper = Uuid::new_v4();
    let merged = from_cart(&CartMerged { cart_id: carts[1], into_cart_id: shopper });
    shop.take(&[merged, merged_in(shopper, carts[1], &[("cup", 2, 2)])]).await.unwrap();
    assert_eq!(shop.waiting("cup").await, [shopper, carts[2]]);
    shop.take(&[removed(carts[0], "cup", 1)]).await.unwrap();
    assert_eq!(held(&shop, &[shopper, carts[2]]).await, [1, 0]);
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_merge_of_which_the_end_is_heard_of_first_keeps_pieces_and_place_until_the_other_half_comes() {
    let shop = Shop::with(&[("cup", 1), ("jug", 1)]).await;
    let carts = carts_want(&shop, &[1, 2, 1]).await;
    let shopper = Uuid::new_v4();
    shop.take(&[added(carts[1], "jug", 1, 1)]).await.unwrap();
    shop.take(&[from_cart(&CartMerged { cart_id: carts[1], into_cart_id: shopper })]).await.unwrap();
    assert_eq!(shop.stock("jug").await, (1, 1), "nobody else gets it");
    shop.take(&[removed(carts[0], "cup", 1)]).await.unwrap();
    shop.take(&[merged_in(shopper, carts[1], &[("cup", 2, 2)])]).await.unwrap();
    assert_eq!(held(&shop, &[shopper, carts[1], carts[2]]).await, [1, -1, 0]);
    assert_eq!(shop.stock("jug").await, (1, 0), "what is not taken over is free");
    // The other way round, and what came late for the guest's cart is free at its end.
    let (guest, other) = (carts[2], Uuid::new_v4());
    shop.take(&[merged_in(other, guest, &[("cup", 1, 1)])]).await.unwrap();
    shop.take(&[added(guest, "jug", 1, 1)]).await.unwrap();
    shop.take(&[from_cart(&CartMerged { cart_id: guest, into_cart_id: other })]).await.unwrap();
    assert_eq!((shop.stock("jug").await, shop.waiting("cup").await), ((1, 0), vec![shopper, other]));
    let merges: i64 = sqlx::query_scalar("SELECT count(*) FROM merges").fetch_one(&shop.pool).await.unwrap();
    assert_eq!(merges, 0);
    shop.assert_invariant().await;
}

#[tokio::test]
async fn what_a_former_release_set_free_is_given_to_those_who_wait_at_the_next_start() {
    let shop = Shop::with(&[("cup", 2), ("jug", 1)]).await;
    let carts = carts_want(&shop, &[2, 1, 1]).await;
    shop.take(&[added(carts[1], "jug", 2, 2)]).await.unwrap();
    // As it removes a line.
    sqlx::query("DELETE FROM holds WHERE cart_id = $1").bind(carts[0]).execute(&shop.pool).await.unwrap();
    sqlx::query("UPDATE stock SET held = 0 WHERE sku = 'cup'").execute(&shop.pool).await.unwrap();
    shop.start_again().await;
    let held_cups = "SELECT sum(held)::bigint FROM holds WHERE sku = 'cup'";
    testkit::until_number(&shop.pool, held_cups, 2, Duration::from_secs(10)).await;
    assert_eq!(held(&shop, &carts).await, [-1, 1, 1]);
    shop.assert_invariant().await;
}
