//! The SQL that remembers which readings of the log were started and not finished: a consumer that dies on the way must
//! not take what others have taken meanwhile for the beginning.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// Where reading starts for this marker: as the first instance that met it has written down.
pub(super) async fn start(
    pool: &PgPool,
    marker: Uuid,
    since: Option<DateTime<Utc>>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let query = "INSERT INTO bus.catching_up (marker, since) VALUES ($1, $2)
                 ON CONFLICT (marker) DO UPDATE SET marker = EXCLUDED.marker RETURNING since";
    sqlx::query_scalar(query).bind(marker).bind(since).fetch_one(pool).await
}

/// The log was read for this marker.
pub(super) async fn finish(pool: &PgPool, marker: Uuid) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.catching_up WHERE marker = $1").bind(marker).execute(pool).await?;
    Ok(())
}

pub(super) async fn is_unfinished(pool: &PgPool, marker: Uuid) -> sqlx::Result<bool> {
    let unfinished = sqlx::query_scalar("SELECT EXISTS (SELECT FROM bus.catching_up WHERE marker = $1)");
    unfinished.bind(marker).fetch_one(pool).await
}
