//! One instance counts, another takes over.

use envelope::{Cause, Clock};
use testkit::eventually;
use uuid::Uuid;

use crate::support::{Publisher, Setup, TIMEOUT, added};

async fn add(cart: &Publisher, number: usize) {
    let added = |_| {
        let added = added(Uuid::new_v4(), "CUP", 1, 1);
        cart.caused(Clock::system().now(), &added, &Cause::started_by("a test"))
    };
    cart.publish((0..number).map(added).collect()).await;
}

/// How many sessions hold the right to count, or wait for it.
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

#[tokio::test]
async fn while_one_counts_another_is_ready_and_takes_over_when_it_dies() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let first = setup.start(&[]).await;
    add(&cart, 10).await;
    setup.until_counted(10, 0).await;
    let second = setup.start(&[]).await;
    eventually("the second is ready", TIMEOUT, async || {
        let ready = reqwest::get(format!("{}/health/ready", second.rest_api.url)).await.unwrap();
        ready.status().is_success().then_some(())
    })
    .await;
    assert_eq!(setup.count(LOCKS).await, 1);
    first.kill();
    add(&cart, 10).await;
    setup.until_counted(20, 0).await;
    second.stop().await;
    setup.end().await;
}
