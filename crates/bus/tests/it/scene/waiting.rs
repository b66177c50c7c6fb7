//! Waiting for what a test expects.

use std::time::Duration;

use cartwheel_bus::{Health, HealthState};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use testkit::eventually;

pub const TIMEOUT: Duration = Duration::from_mins(1);

/// A pool that finds out soon when its server is gone.
pub async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().acquire_timeout(Duration::from_secs(2)).connect(url).await.unwrap()
}

pub async fn up(health: &Health) {
    eventually(&format!("the {} is at work", health.name()), TIMEOUT, async || health.is_up().then_some(()))
        .await;
}

/// Waits until it reports that it is not at work, and why.
pub async fn down(health: &Health) -> String {
    eventually(&format!("the {} says that it is not at work", health.name()), TIMEOUT, async || match health
        .state()
    {
        HealthState::Down(reason) => Some(reason),
        _ => None,
    })
    .await
}
