use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

use crate::inactivity_timers::InactivityTimers;
use crate::store;

const CARTS_AT_ONCE: i64 = 1000;
const PAUSE: Duration = Duration::from_millis(50);
const TIMEOUT: Duration = Duration::from_mins(1);

/// Has all carts looked at that nobody would look at: a former release has opened them, perhaps a moment ago, beside this one.
/// Once, at the start; ends when everything stops.
pub(crate) async fn set_missing_inactivity_timers(
    pool: PgPool,
    looks: InactivityTimers,
    stop: CancellationToken,
) {
    let mut after = Some(Uuid::nil());
    while let Some(from) = after {
        let pause = match bus::within(TIMEOUT, set_some(&pool, &looks, from)).await {
            Ok(last) => {
                after = last;
                PAUSE
            }
            Err(error) => {
                debug!(%error, "looks at carts can't be set; trying again");
                TIMEOUT
            }
        };
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
    }
    stop.cancelled().await;
}

/// For the next carts behind this one. Returns the last of them.
async fn set_some(pool: &PgPool, looks: &InactivityTimers, after: Uuid) -> sqlx::Result<Option<Uuid>> {
    let mut connection = pool.acquire().await?;
    let carts = store::open_carts_after(&mut connection, after, CARTS_AT_ONCE).await?;
    looks.set_missing(&mut connection, &carts).await?;
    Ok(carts.last().copied())
}
