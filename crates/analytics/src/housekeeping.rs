//! Deletes what is no longer kept, every hour.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::numbers::Retention;
use crate::store::Store;

const INTERVAL: Duration = Duration::from_hours(1);

/// Works until `stop`.
pub async fn run(store: Store, retention: Retention, stop: CancellationToken) {
    loop {
        match store.prune(retention).await {
            Ok((0, 0)) => {}
            Ok((rows, days)) => {
                info!(rows, days, "figures that are too old were deleted, and days of the index");
            }
            Err(error) => warn!(%error, "what is too old can't be deleted; trying again in an hour"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}
