//! A database that is half open, locked, or changed under a running service.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::StatusCode;
use testkit::eventually;

use crate::support::{Cart, Shop, TIMEOUT};

async fn add_until_it_fails(shop: &Shop, cart: &Cart) {
    while shop.add(cart).await == StatusCode::OK {}
}

#[tokio::test]
async fn writes_go_on_when_the_existing_connections_are_stalled_and_new_ones_work() {
    let shop = Shop::open(&[]).await;
    let carts = join_all((0..20).map(|_| shop.cart())).await;
    for added in join_all(carts.iter().map(|cart| shop.add(cart))).await {
        assert_eq!(added, StatusCode::OK);
    }
    // Under way at that moment are a batch of commands and many reads.
    let adding = join_all(carts.iter().map(|cart| add_until_it_fails(&shop, cart)));
    let stalling = async {
        let reads = join_all((0..40).map(|_| shop.get(&carts[0]))).await;
        assert!(reads.iter().all(|status| *status == StatusCode::OK), "{reads:?}");
        shop.link.stall_existing();
    };
    let began = Instant::now();
    tokio::join!(adding, stalling);
    eventually("an addition", TIMEOUT, async || (shop.add(&carts[0]).await == StatusCode::OK).then_some(()))
        .await;
    assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    eventually("the commands are well again", TIMEOUT, async || {
        (shop.parts().await["commands"] == "up").then_some(())
    })
    .await;
    for added in join_all(carts.iter().map(|cart| shop.add(cart))).await {
        assert_eq!(added, StatusCode::OK, "none of the others is in the pool any more");
    }
}

#[tokio::test]
async fn a_column_whose_type_changed_is_got_over_without_a_restart() {
    let shop = Shop::open(&[]).await;
    let cart = shop.cart().await;
    for _ in 0..3 {
        assert_eq!(shop.add(&cart).await, StatusCode::OK, "its statements are prepared");
    }
    let change = "ALTER TABLE products ALTER COLUMN name TYPE varchar(300)";
    sqlx::query(change).execute(&shop.pool).await.unwrap();
    eventually("an addition", Duration::from_secs(15), async || {
        (shop.add(&cart).await == StatusCode::OK).then_some(())
    })
    .await;
    for _ in 0..10 {
        assert_eq!(shop.add(&cart).await, StatusCode::OK, "on every connection");
    }
}

#[tokio::test]
async fn a_locked_cart_holds_up_no_other_and_leaves_no_session_behind() {
    let shop = Shop::open(&["--lock-timeout-seconds", "1"]).await;
    let (locked, others) = (shop.cart().await, join_all((0..8).map(|_| shop.cart())).await);
    let mut lock = shop.pool.begin().await.unwrap();
    let row = sqlx::query("SELECT FROM carts WHERE id = $1::uuid FOR UPDATE").bind(&locked.id);
    row.execute(&mut *lock).await.unwrap();
    // Most of them come together with an addition to the locked one.
    let began = Instant::now();
    let adding = join_all(others.iter().map(|cart| shop.add(cart)));
    let (refused, added) = tokio::join!(shop.add(&locked), adding);
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
    assert!(added.iter().all(|status| *status == StatusCode::OK), "{added:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    assert_eq!(shop.sessions_waiting_for_a_lock().await, 0);
    lock.rollback().await.unwrap();
    assert_eq!(shop.add(&locked).await, StatusCode::OK);
}
