use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use crate::store;

/// Forgets old answers to idempotency keys, every hour until `stop`.
pub(crate) async fn forget_old_answers(pool: PgPool, stop: CancellationToken) {
    let mut hourly = tokio::time::interval(Duration::from_hours(1));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hourly.tick() => {}
        }
        match store::forget_old_answers(&pool).await {
            Ok(forgotten) => debug!(forgotten, "forgot the answers of old idempotency keys"),
            Err(error) => {
                error!(%error, "old idempotency keys could not be forgotten; trying again in an hour");
            }
        }
    }
}
