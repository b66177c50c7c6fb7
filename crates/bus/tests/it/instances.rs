//! Any number of instances of one service.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cartwheel_bus::Observer;
use envelope::Envelope;
use futures::future::join_all;

use crate::fixture::{Billing, Fixture, Instance};

const CUSTOMERS: [&str; 6] = ["dan", "ann", "zoe", "erin", "carol", "ben"];
const ORDERS: i64 = 400;

#[tokio::test]
async fn four_instances_keep_the_order_of_hot_subjects_while_they_come_and_die() {
    let fixture = Fixture::with_relay().await;
    let billing = Billing::default();
    let mut instances: Vec<Instance> = Vec::new();
    for _ in 0..4 {
        instances.push(fixture.start(&billing, |settings| settings).await);
    }
    for order in 1..=ORDERS {
        fixture.place(&CUSTOMERS.map(|customer| (customer, order))).await;
        if order % 20 == 0 {
            // Another one each time; by turns it dies and leaves, and a new one joins.
            let instance = instances.remove(usize::try_from(order / 20).unwrap() % 4);
            if order % 40 == 0 {
                instance.kill().await;
            } else {
                instance.stop().await;
            }
            instances.push(fixture.start(&billing, |settings| settings).await);
        }
    }
    let expected: Vec<i64> = (1..=ORDERS).collect();
    fixture.until_invoiced(ORDERS * i64::try_from(CUSTOMERS.len()).unwrap()).await;
    for customer in CUSTOMERS {
        assert_eq!(fixture.invoices(customer).await, expected, "in their order, once each: {customer}");
    }
    fixture.until_parked("nothing stays parked", <[cartwheel_bus::parking::Parked]>::is_empty).await;
    for instance in instances {
        instance.stop().await;
    }
    fixture.end_without_dead_letters().await;
}

#[derive(Default)]
struct Taken(AtomicUsize);

impl Observer for Taken {
    fn taken(&self, events: &[&Envelope]) {
        self.0.fetch_add(events.len(), Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_backlog_is_not_spread_over_instances_which_would_wait_for_each_other() {
    let fixture = Fixture::with_lone_events().await;
    for order in 1..=ORDERS {
        fixture.place(&CUSTOMERS.map(|customer| (customer, order))).await;
    }
    fixture.until_published().await;
    let taken = [(); 4].map(|()| Arc::new(Taken::default()));
    let billing = Billing::default();
    let start = |taken: &Arc<Taken>| {
        let taken = taken.clone();
        fixture.start(&billing, |settings| settings.observed_by(taken))
    };
    let instances: Vec<Instance> = join_all(taken.iter().map(start)).await;
    let all = ORDERS * i64::try_from(CUSTOMERS.len()).unwrap();
    fixture.until_invoiced(all).await;
    let mut numbers = taken.map(|taken| i64::try_from(taken.0.load(Ordering::Relaxed)).unwrap());
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 0, 0, all]);
    for instance in instances {
        instance.stop().await;
    }
    fixture.end_without_dead_letters().await;
}
