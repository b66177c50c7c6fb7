use std::collections::BTreeMap;

use bus::Failure;
use envelope::Envelope;
use events::cart::ShopperAttached;
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use recommend::model::{MAX_CARTS_PER_SHOPPER_AND_DAY, MAX_PRODUCTS_PER_CART};
use uuid::Uuid;

use crate::support::{Cart, Service};

fn pairs(pairs: &[(&str, &str, u32)]) -> BTreeMap<(String, String), u32> {
    pairs.iter().map(|(sku, other, carts)| (((*sku).into(), (*other).into()), *carts)).collect()
}

#[tokio::test]
async fn products_in_the_same_cart_are_counted_once_per_cart() {
    let service = Service::open().await;
    let mut cart = Cart::new();
    service.take(&[cart.put("B"), cart.put("A")]).await.unwrap();
    service.take(&[cart.add("B", 4, 5), cart.change("A", 3), cart.put("C")]).await.unwrap();
    service.fill(&["C", "B"]).await;
    assert_eq!(service.pairs().await, pairs(&[("A", "B", 1), ("A", "C", 1), ("B", "C", 2)]));
    let expected = [("B".into(), 5), ("A".into(), 3), ("C".into(), 1)];
    assert_eq!(service.items(cart.id).await, expected);
}

#[tokio::test]
async fn adding_and_then_removing_leaves_no_trace() {
    let service = Service::open().await;
    let mut cart = service.fill(&["A", "B"]).await;
    let (before, items) = (service.pairs().await, service.items(cart.id).await);
    // In a batch each, and in one.
    service.take(&[cart.put("C")]).await.unwrap();
    service.take(&[cart.remove("C")]).await.unwrap();
    service.take(&[cart.put("D"), cart.change("D", 7), cart.remove("D")]).await.unwrap();
    assert_eq!((service.pairs().await, service.items(cart.id).await), (before, items));
    service.take(&[cart.remove("A"), cart.remove("B")]).await.unwrap();
    assert_eq!((service.pairs().await, service.items(cart.id).await), (pairs(&[]), vec![]));
}

#[tokio::test]
async fn a_product_that_is_removed_and_added_again_comes_last() {
    let service = Service::open().await;
    let mut cart = service.fill(&["A", "B"]).await;
    service.take(&[cart.remove("A"), cart.put("A")]).await.unwrap();
    assert_eq!(service.items(cart.id).await, [("B".into(), 1), ("A".into(), 1)]);
    assert_eq!(service.pairs().await, pairs(&[("A", "B", 1)]));
}

#[tokio::test]
async fn of_a_large_cart_only_the_first_products_are_learned_and_all_are_kept() {
    let service = Service::open().await;
    let mut cart = Cart::new();
    let skus: Vec<String> = (0..1100).map(|place| format!("{place:04}")).collect();
    for batch in skus.chunks(256) {
        let events: Vec<Envelope> = batch.iter().map(|sku| cart.put(sku)).collect();
        service.take(&events).await.unwrap();
    }
    assert_eq!(service.items(cart.id).await.len(), 1100);
    assert_eq!(service.pairs().await.len(), MAX_PRODUCTS_PER_CART * (MAX_PRODUCTS_PER_CART - 1) / 2);
}

#[tokio::test]
async fn only_a_shoppers_first_carts_of_a_day_are_learned_and_no_address_is_kept() {
    let service = Service::open().await;
    for number in 0..2 * MAX_CARTS_PER_SHOPPER_AND_DAY {
        let mut cart = Cart::new();
        let email = if number % 2 == 0 { "robot@example.test" } else { "Robot@Example.Test" };
        let attached = ShopperAttached { cart_id: cart.id, email: email.into(), language: "en".into() };
        service.take(&[cart.next(&attached), cart.put("A"), cart.put("B")]).await.unwrap();
    }
    let learned = service.pairs().await;
    assert_eq!(learned, pairs(&[("A", "B", u32::try_from(MAX_CARTS_PER_SHOPPER_AND_DAY).unwrap())]));
    let query = "SELECT count(*) FROM changes WHERE change::text ILIKE '%robot%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(query).fetch_one(&service.pool).await.unwrap(), 0);
}

/// A step of a random history: which of the carts, which product, and whether it is taken out.
type Step = (usize, u8, bool);

fn history(steps: usize, carts: usize) -> Vec<Step> {
    let step = (0..carts, 0..70_u8, proptest::bool::weighted(0.3));
    vec(step, steps).new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

fn events(carts: &mut [Cart], steps: &[Step]) -> Vec<Envelope> {
    let event = |(cart, product, removed): &Step| {
        let sku = format!("{product:02}");
        if *removed { carts[*cart].remove(&sku) } else { carts[*cart].put(&sku) }
    };
    steps.iter().map(event).collect()
}

/// All pairs, counted from what is in the carts.
async fn counted(service: &Service) -> BTreeMap<(String, String), u32> {
    let query = "SELECT one.sku, other.sku, count(*) FROM cart_items AS one
                 JOIN cart_items AS other ON other.cart_id = one.cart_id AND other.sku > one.sku
                 GROUP BY one.sku, other.sku";
    let rows: Vec<(String, String, i64)> = sqlx::query_as(query).fetch_all(&service.pool).await.unwrap();
    rows.into_iter().map(|(sku, other, carts)| ((sku, other), u32::try_from(carts).unwrap())).collect()
}

#[tokio::test]
async fn after_a_long_history_the_numbers_are_those_counted_again_from_the_carts() {
    let service = Service::open().await;
    let mut carts: Vec<Cart> = (0..6).map(|_| Cart::new()).collect();
    // Batches of all sizes.
    let mut rest = history(4000, carts.len()).as_slice().to_vec();
    for size in [1, 7, 256, 30].into_iter().cycle() {
        let batch: Vec<Step> = rest.drain(..size.min(rest.len())).collect();
        if batch.is_empty() {
            break;
        }
        service.take(&events(&mut carts, &batch)).await.unwrap();
    }
    let learned = service.pairs().await;
    assert!(learned.len() > 1000, "the history is too short: {} pairs", learned.len());
    assert_eq!(learned, counted(&service).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_take_events_at_once_neither_deadlock_nor_lose_anything() {
    let service = Service::open().await;
    let mut instances = tokio::task::JoinSet::new();
    for instance in 0..4 {
        let service = service.clone();
        instances.spawn(async move {
            let mut carts: Vec<Cart> = (0..4).map(|_| Cart::new()).collect();
            let steps = history(1600, carts.len());
            for batch in steps[instance * 100..].chunks(50) {
                service.take(&events(&mut carts, batch)).await.unwrap();
            }
        });
    }
    while let Some(ended) = instances.join_next().await {
        ended.unwrap();
    }
    assert_eq!(service.pairs().await, counted(&service).await);
}

#[tokio::test]
async fn an_event_that_makes_no_sense_is_refused_for_good_and_writes_nothing() {
    let service = Service::open().await;
    let mut cart = Cart::new();
    let mut other_subject = cart.put("A");
    other_subject.subject = Uuid::new_v4().to_string();
    for bad in [cart.add("A", 1, 0), cart.change("A", -1), other_subject, cart.put("\0")] {
        let taken = service.take(&[cart.put("B"), bad]).await;
        assert!(matches!(taken, Err(Failure::Permanent(_))), "{taken:?}");
    }
    assert_eq!(service.items(cart.id).await, vec![]);
}
