//! Forgetting calls of which nothing more is to be done.

use std::time::Duration;

use sqlx::{FromRow, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;
use tracing::warn;

const INTERVAL: Duration = Duration::from_mins(1);
const BATCH_SIZE: i64 = 1000;
/// Until then, who places a call's key again changes nothing. What comes that late is a subject of which the positions are
/// deleted, too.
const DAYS_KEPT: i32 = 35;

/// A failed call that is not made again.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct GivenUp {
    /// The call.
    pub key: String,
    /// How often the target was asked.
    pub attempts: i32,
    /// Why it failed.
    pub error: Option<String>,
}

/// Gives up failed calls, so that nobody can retry them. Returns those that had failed.
///
/// # Errors
/// When the database refuses the statement.
pub async fn give_up(
    connection: &mut PgConnection,
    target: &str,
    keys: &[String],
) -> sqlx::Result<Vec<GivenUp>> {
    let delete = "DELETE FROM calls.calls WHERE key = ANY($2) AND target = $1 AND state = 'failed'
                  RETURNING key, attempts, error";
    sqlx::query_as(delete).bind(target).bind(keys).fetch_all(connection).await
}

/// Forgets calls that were made or withdrawn long ago, until `stop`.
pub(super) async fn forget_settled(pool: &PgPool, stop: &CancellationToken) {
    loop {
        if let Err(error) = forget(pool).await {
            warn!(%error, "calls that were made long ago can't be forgotten; retrying");
        }
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}

async fn forget(pool: &PgPool) -> sqlx::Result<()> {
    let delete = "DELETE FROM calls.calls WHERE key = ANY (ARRAY(
                      SELECT key FROM calls.calls
                      WHERE state IN ('done', 'withdrawn') AND settled_at < bus.now() - make_interval(days => $1)
                      ORDER BY settled_at LIMIT $2))";
    loop {
        let forgotten = sqlx::query(delete).bind(DAYS_KEPT).bind(BATCH_SIZE).execute(pool).await?;
        if forgotten.rows_affected() == 0 {
            return Ok(());
        }
    }
}
