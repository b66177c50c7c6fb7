use std::sync::Arc;

use bus::Failure;
use envelope::Envelope;
use events::cart::ShopperAttached;
use events::inventory::{AvailabilityChanged, StockHeld, StockReleased, StockShort};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Shop, added, from_cart, quantity_changed, removed};

fn carts(number: usize) -> Vec<Uuid> {
    (0..number).map(|_| Uuid::new_v4()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_carts_after_the_last_unit_exactly_one_holds_it() {
    let shop = Arc::new(Shop::with(&[("cup", 1)]).await);
    let carts = carts(100);
    // The test locks the row until both instances want it, so that they surely get in each other's way.
    let mut gate = shop.pool.begin().await.unwrap();
    sqlx::query("SELECT FROM stock WHERE sku = 'cup' FOR UPDATE").execute(&mut *gate).await.unwrap();
    let mut instances = Vec::new();
    for half in carts.chunks(50) {
        let (shop, half) = (shop.clone(), half.to_vec());
        instances.push(tokio::spawn(async move {
            for batch in half.chunks(5) {
                let events: Vec<Envelope> = batch.iter().map(|cart| added(*cart, "cup", 1, 1)).collect();
                shop.take(&events).await.unwrap();
            }
        }));
    }
    shop.until_waiting_for_locks(2).await;
    gate.rollback().await.unwrap();
    for instance in instances {
        instance.await.unwrap();
    }

    assert_eq!(shop.stock("cup").await, (1, 1));
    shop.assert_invariant().await;
    let held = shop.published_of::<StockHeld>().await;
    assert_eq!(held.iter().map(|event| event.held).collect::<Vec<_>>(), [1]);
    assert_eq!(shop.hold(held[0].cart_id, "cup").await, Some((1, 1)));
    let short = shop.published_of::<StockShort>().await;
    assert_eq!(short.len(), 99);
    assert!(short.iter().all(|event| (event.wanted, event.held) == (1, 0)));
}

#[tokio::test]
async fn every_event_of_a_line_in_one_batch_gets_its_answer_in_order() {
    let shop = Shop::with(&[("cup", 5)]).await;
    let cart = Uuid::new_v4();
    let events = [
        added(cart, "cup", 2, 2),
        added(cart, "cup", 7, 9),
        quantity_changed(cart, "cup", 9, 4),
        removed(cart, "cup", 4),
        added(cart, "cup", 1, 1),
    ];
    shop.take(&events).await.unwrap();

    let mut answers = shop.published().await;
    answers.retain(|event| event.source == "/inventory/holds");
    let published: Vec<(&str, i64, Option<Uuid>)> = answers
        .iter()
        .map(|answer| (answer.kind.as_str(), answer.sequence, answer.cause.causation_id))
        .collect();
    let expected = ["stock-held", "stock-short", "stock-held", "stock-released", "stock-held"];
    let kinds = expected.map(|kind| format!("inventory.{kind}.v1"));
    let expected: Vec<_> =
        (0..5).map(|i| (kinds[i].as_str(), i64::try_from(i).unwrap() + 1, Some(events[i].id))).collect();
    assert_eq!(published, expected);
    assert!(answers.iter().all(|answer| answer.cause.correlation_id == "a test"));
    let short = shop.published_of::<StockShort>().await;
    assert_eq!((short[0].wanted, short[0].held), (9, 5));
    assert_eq!(shop.published_of::<StockReleased>().await[0].released, 4);
    assert_eq!(shop.hold(cart, "cup").await, Some((1, 1)));
    let available = shop.published_of::<AvailabilityChanged>().await;
    let available: Vec<i64> = available.iter().map(|event| event.available).collect();
    assert_eq!(available, [0, 1], "the last piece was taken, and one came back");
}

#[tokio::test]
async fn a_line_that_is_gone_gives_back_what_it_held_and_its_hold_is_gone() {
    let shop = Shop::with(&[("cup", 5), ("jug", 5)]).await;
    let carts = carts(2);
    shop.take(&[added(carts[0], "cup", 3, 3), added(carts[0], "jug", 1, 1)]).await.unwrap();
    shop.take(&[added(carts[1], "cup", 3, 3)]).await.unwrap();
    assert_eq!(shop.stock("cup").await, (5, 5));
    shop.take(&[removed(carts[0], "cup", 3)]).await.unwrap();
    assert_eq!(shop.stock("cup").await, (5, 3));
    assert_eq!(shop.hold(carts[0], "cup").await, None);
    assert_eq!(shop.hold(carts[0], "jug").await, Some((1, 1)));
    assert_eq!(shop.hold(carts[1], "cup").await, Some((3, 3)), "what came free fills the shortage");
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_product_that_was_never_stocked_is_short_and_known_from_then_on() {
    let shop = Shop::open().await;
    let cart = Uuid::new_v4();
    shop.take(&[added(cart, "cup", 2, 2)]).await.unwrap();
    let short = shop.published_of::<StockShort>().await;
    assert_eq!((short[0].wanted, short[0].held), (2, 0));
    assert_eq!(shop.stock("cup").await, (0, 0));
    shop.take(&[removed(cart, "cup", 2)]).await.unwrap();
    assert_eq!(shop.published_of::<StockReleased>().await[0].released, 0);
}

#[tokio::test]
async fn events_that_are_not_about_lines_are_passed_over() {
    let shop = Shop::open().await;
    let cart_id = Uuid::new_v4();
    let attached = ShopperAttached { cart_id, email: "a@example.test".into(), language: "en".into() };
    shop.take(&[from_cart(&attached)]).await.unwrap();
    assert!(shop.published().await.is_empty());
}

#[tokio::test]
async fn a_line_with_less_than_nothing_can_not_be_handled() {
    let shop = Shop::with(&[("cup", 5)]).await;
    let failure = shop.take(&[added(Uuid::new_v4(), "cup", 1, -1)]).await.unwrap_err();
    assert!(matches!(failure, Failure::Permanent(_)), "{failure}");
    assert_eq!(shop.stock("cup").await, (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_imports_and_receipts_at_the_same_time_neither_deadlock_nor_lose_anything() {
    const SKUS: [&str; 6] = ["cup", "jug", "mug", "pan", "pot", "urn"];
    let shop = Arc::new(Shop::open().await);
    let consume = |seed: usize| {
        let shop = shop.clone();
        tokio::spawn(async move {
            for round in 0..40 {
                let cart = Uuid::new_v4();
                let mut events: Vec<Envelope> =
                    (0..4).map(|i| added(cart, SKUS[(seed + round * 5 + i * 2 + i / 3) % 6], 3, 3)).collect();
                if round % 2 == 0 {
                    events.reverse();
                }
                events.push(removed(cart, SKUS[(seed + round * 5) % 6], 3));
                shop.take(&events).await.unwrap();
            }
        })
    };
    let mut tasks = vec![consume(0), consume(1), consume(5)];
    tasks.push(tokio::spawn({
        let shop = shop.clone();
        async move {
            for round in 0..20 {
                let list = SKUS.map(|sku| json!({"sku": sku, "available": round}));
                assert_eq!(shop.import(&json!(list)).await.0, 200);
            }
        }
    }));
    tasks.push(tokio::spawn({
        let shop = shop.clone();
        async move {
            for round in 0..20 {
                let items = [json!({"sku": "urn", "quantity": 2}), json!({"sku": "cup", "quantity": 1})];
                let receipt = json!({"reference": format!("DN {round}"), "items": items});
                assert_eq!(shop.receive(&receipt).await.0, 200);
            }
        }
    }));
    for task in tasks {
        task.await.unwrap();
    }
    shop.assert_invariant().await;
}
