use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use testkit::{NO_BROKER, TestSpace, turn_clock};

/// How far the clock of the bus is ahead of the database's.
async fn ahead(pool: &PgPool) -> TimeDelta {
    // Prepared once and kept: a plan that was made before must notice.
    let query = sqlx::query_as("SELECT bus.now(), now()");
    let (turned, real): (DateTime<Utc>, DateTime<Utc>) = query.fetch_one(pool).await.unwrap();
    turned - real
}

#[tokio::test]
async fn a_turned_clock_is_ahead_of_the_real_one_in_its_database_alone() {
    let space = TestSpace::new(testkit::servers().await).await;
    let mut pools = Vec::new();
    for service in ["cart", "notify"] {
        let pool = PgPool::connect(&space.database(service).await).await.unwrap();
        bus::Bus::open(bus::Settings::new(service, NO_BROKER), pool.clone()).await.unwrap();
        assert_eq!(ahead(&pool).await, TimeDelta::zero());
        pools.push(pool);
    }
    turn_clock(&pools[0], Duration::from_hours(1)).await;
    assert_eq!(ahead(&pools[0]).await, TimeDelta::hours(1));
    assert_eq!(ahead(&pools[1]).await, TimeDelta::zero());
    turn_clock(&pools[0], Duration::ZERO).await;
    assert_eq!(ahead(&pools[0]).await, TimeDelta::zero());
    for pool in pools {
        pool.close().await;
    }
    space.remove().await;
}
