use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bus::Observer;
use envelope::Envelope;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Cart, Running, Storefront, TestShop};

#[derive(Default)]
struct Taken(AtomicUsize);

impl Taken {
    fn number(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Observer for Taken {
    fn taken(&self, events: &[&Envelope]) {
        self.0.fetch_add(events.len(), Ordering::Relaxed);
    }
}

/// Every step overwrites the one before, so that a wrong order shows in the end.
async fn set_quantities(carts: &[(Storefront, Cart)], steps: RangeInclusive<i64>) {
    join_all(carts.iter().map(async |(storefront, cart)| {
        for step in steps.clone() {
            let set =
                storefront.request(Method::PATCH, cart, "/items/LANTERN").json(&json!({"quantity": step}));
            set.send().await.unwrap().error_for_status().unwrap();
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_instances_of_inventory_consumes_and_when_it_stops_the_other_goes_on_in_order() {
    let shop = TestShop::with(&["catalog", "cart", "recommend"]).await;
    let (one, two) = (Arc::new(Taken::default()), Arc::new(Taken::default()));
    let first = Running::start(&shop.shop, "inventory", one.clone()).await;
    let second = Running::start(&shop.shop, "inventory", two.clone()).await;
    shop.sell(&["LANTERN"]).await;
    let carts = join_all((0..16).map(async |_| {
        let storefront = shop.storefront();
        let cart = storefront.open(None).await;
        storefront.add(&cart, "LANTERN", 1).await;
        (storefront, cart)
    }))
    .await;

    set_quantities(&carts, 2..=20).await;
    let done = "SELECT sum(sequence)::bigint FROM bus.positions WHERE source = '/cart/carts'";
    shop.until("inventory", done, 16 * 20).await;
    assert!(one.number() > 0 && two.number() == 0, "the first {}, the second {}", one.number(), two.number());
    // In the middle of it.
    tokio::join!(set_quantities(&carts, 21..=40), first.stop());
    shop.until("inventory", done, 16 * 40).await;
    assert!(two.number() > 0);
    assert_eq!(shop.count("inventory", "SELECT count(*) FROM holds WHERE wanted = 40").await, 16);
    assert_eq!(shop.count("inventory", "SELECT sum(last)::bigint FROM bus.sequences").await, 16 * 40);
    shop.until("inventory", "SELECT count(*) FROM bus.parked", 0).await;
    second.stop().await;
    shop.end().await;
}
