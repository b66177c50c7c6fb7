use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bus::Observer;
use envelope::Envelope;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Running, TestShop};

#[derive(Default)]
struct Taken(AtomicUsize);

impl Observer for Taken {
    fn taken(&self, events: &[&Envelope]) {
        self.0.fetch_add(events.len(), Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_of_inventory_share_the_queue_and_every_carts_order_holds() {
    let shop = TestShop::with(&["catalog", "cart", "recommend"]).await;
    let (one, two) = (Arc::new(Taken::default()), Arc::new(Taken::default()));
    let first = Running::start(&shop.shop, "inventory", one.clone()).await;
    let second = Running::start(&shop.shop, "inventory", two.clone()).await;
    shop.sell(&["LANTERN"]).await;

    join_all((0..16).map(async |_| {
        let storefront = shop.storefront();
        let cart = storefront.open(None).await;
        storefront.add(&cart, "LANTERN", 1).await;
        // Every step overwrites the one before, so that a wrong order shows in the end.
        for step in 2..=40_i64 {
            let set =
                storefront.request(Method::PATCH, &cart, "/items/LANTERN").json(&json!({"quantity": step}));
            set.send().await.unwrap().error_for_status().unwrap();
        }
    }))
    .await;

    let done = "SELECT sum(sequence)::bigint FROM bus.positions WHERE source = '/cart/carts'";
    shop.until("inventory", done, 16 * 40).await;
    assert_eq!(shop.count("inventory", "SELECT count(*) FROM holds WHERE wanted = 40").await, 16);
    assert_eq!(shop.count("inventory", "SELECT sum(last)::bigint FROM bus.sequences").await, 16 * 40);
    shop.until("inventory", "SELECT count(*) FROM bus.parked", 0).await;
    for (name, taken) in [("first", &one), ("second", &two)] {
        assert!(taken.0.load(Ordering::Relaxed) > 0, "the {name} instance took nothing");
    }
    first.stop().await;
    second.stop().await;
    shop.end().await;
}
