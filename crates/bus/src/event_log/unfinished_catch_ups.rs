//! The SQL that remembers which readings of the log were started and not finished: a consumer that dies on the way must
//! not take what others have taken meanwhile for the beginning.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::inbox::progress::Progress;

/// How far the service was when reading was started for this marker: as the first instance that met it has written down.
pub(super) async fn start(pool: &PgPool, marker: Uuid, progress: Progress) -> sqlx::Result<Progress> {
    let (is_new, since) = match progress {
        Progress::Nothing => (true, None),
        Progress::Unknown => (false, None),
        Progress::Until(time) => (false, Some(time)),
    };
    // What came since a service had its first queue is for it, even if it has taken nothing yet: it is not new any more.
    let query = "INSERT INTO bus.catching_up (marker, is_new, since)
                 VALUES ($1, $2 AND NOT EXISTS (SELECT FROM bus.begun), $3)
                 ON CONFLICT (marker) DO UPDATE SET marker = EXCLUDED.marker RETURNING is_new, since";
    let query = sqlx::query_as(query).bind(marker).bind(is_new).bind(since);
    let (is_new, since): (bool, Option<DateTime<Utc>>) = query.fetch_one(pool).await?;
    Ok(Progress::from_columns(is_new, since))
}

/// The log was read for this marker: nobody needs to know any more how far the service was before. A session that began
/// later may have subscribed to yet another queue.
pub(super) async fn finish(pool: &PgPool, marker: Uuid) -> sqlx::Result<()> {
    let query = "WITH finished AS (DELETE FROM bus.catching_up WHERE marker = $1 RETURNING started_at),
                      begun AS (INSERT INTO bus.begun DEFAULT VALUES ON CONFLICT DO NOTHING)
                 DELETE FROM bus.sessions WHERE began_at <= (SELECT started_at FROM finished)";
    sqlx::query(query).bind(marker).execute(pool).await?;
    Ok(())
}

/// Nobody needs the note any more.
pub(super) async fn end(connection: &mut PgConnection, marker: Uuid) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.catching_up WHERE marker = $1").bind(marker).execute(connection).await?;
    Ok(())
}

pub(super) async fn is_unfinished(pool: &PgPool, marker: Uuid) -> sqlx::Result<bool> {
    let unfinished = sqlx::query_scalar("SELECT EXISTS (SELECT FROM bus.catching_up WHERE marker = $1)");
    unfinished.bind(marker).fetch_one(pool).await
}
