//! A loop keeps its connection between its batches.

use cartwheel_bus::{DatabaseLimits, ReusedConnection};
use sqlx::{Connection, PgConnection, PgPool};

use crate::fixture::{Fixture, TIMEOUT};

async fn pool(fixture: &Fixture, most: u32) -> PgPool {
    let options = (*fixture.billing_db.connect_options()).clone();
    let pool = DatabaseLimits::default().connect(options, most).await.unwrap();
    // The connection that was asked whether it keeps what it sets.
    testkit::eventually("it is back in the pool", TIMEOUT, async || (pool.num_idle() == 1).then_some(()))
        .await;
    pool
}

async fn process(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn the_next_batch_has_the_same_connection() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    let pool = pool(&fixture, 4).await;
    let kept = ReusedConnection::of(pool.clone());
    let mut first = kept.lease().await.unwrap();
    let its_process = process(&mut first).await;
    kept.keep(first);
    assert_eq!(pool.num_idle(), 0, "it did not go back to the pool");
    let other = process(&mut pool.acquire().await.unwrap()).await;
    assert_ne!(other, its_process);
    assert_eq!(process(&mut kept.lease().await.unwrap()).await, its_process);
}

#[tokio::test]
async fn what_a_batch_left_unfinished_is_not_in_the_next() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    let kept = ReusedConnection::of(pool(&fixture, 4).await);
    for _ in 0..8 {
        let mut leased = kept.lease().await.unwrap();
        let number: Option<String> = sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned()::text")
            .fetch_one(&mut *leased)
            .await
            .unwrap();
        assert_eq!(number, None);
        let mut transaction = leased.begin().await.unwrap();
        sqlx::query("SELECT pg_current_xact_id()").execute(&mut *transaction).await.unwrap();
        // Neither committed nor kept.
    }
}

#[tokio::test]
async fn a_small_pool_has_none_to_keep() {
    let fixture = Fixture::idle(testkit::servers().await).await;
    let pool = pool(&fixture, 1).await;
    let kept = ReusedConnection::of(pool.clone());
    kept.keep(kept.lease().await.unwrap());
    pool.acquire().await.expect("the one connection is for everybody");
}
