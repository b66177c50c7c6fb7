use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use crate::store;

const TIMEOUT: Duration = Duration::from_mins(1);

/// Deletes expired idempotency keys, every hour until `stop`.
pub(crate) async fn delete_expired_keys(pool: PgPool, stop: CancellationToken) {
    let mut hourly = tokio::time::interval(Duration::from_hours(1));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hourly.tick() => {}
        }
        match bus::within(TIMEOUT, store::delete_expired_keys(&pool)).await {
            Ok(deleted) => debug!(deleted, "deleted expired idempotency keys"),
            Err(error) => {
                error!(%error, "expired idempotency keys could not be deleted; retrying in an hour");
            }
        }
    }
}
