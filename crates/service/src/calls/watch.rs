//! Shows how many calls wait, are retried and have failed.

use std::time::Duration;

use metrics::gauge;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::store;
use crate::telemetry::metrics::CALLS;

const INTERVAL: Duration = Duration::from_secs(5);
/// What doesn't answer in time is counted at the next interval.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Counts every few seconds until `stop`.
#[allow(clippy::cast_precision_loss, reason = "Prometheus counts in floats")]
pub(super) async fn watch(
    service: &'static str,
    target: &'static str,
    pool: &PgPool,
    stop: &CancellationToken,
) {
    loop {
        match tokio::time::timeout(TIMEOUT, store::count(pool, target)).await {
            Ok(Ok(counts)) => {
                let states =
                    [("waiting", counts.waiting), ("retrying", counts.retrying), ("failed", counts.failed)];
                for (state, number) in states {
                    gauge!(CALLS.name, "service" => service, "target" => target, "state" => state)
                        .set(number as f64);
                }
            }
            Ok(Err(error)) => debug!(service, target_name = target, %error, "calls can't be counted"),
            Err(_) => debug!(service, target_name = target, "calls can't be counted in time"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}
