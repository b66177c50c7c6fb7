//! The SQL that notes how far the service was before each session subscribed to the queue.
//!
//! If the queue is new, its first message, the marker, comes to the first who subscribes; the others take new events
//! meanwhile. Should the first die, the marker comes to another, which must not take what was taken from the new queue for
//! the beginning. So each session notes its beginning before it subscribes, and the smallest counts, of those that may have
//! subscribed to the new queue. A session that has looked into the queue and holds no marker deletes its note: the note of
//! whoever died with the marker remains.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::inbox::progress::Progress;

/// A note that nobody deleted in this time is no longer needed: its session died for another reason, or somebody else has
/// got the marker long ago.
const KEPT: Duration = Duration::from_hours(24);

/// A session that has not subscribed by then begins again.
pub(crate) const SUBSCRIBED_WITHIN: Duration = Duration::from_secs(30);
/// The marker is dated by another machine's clock than the notes.
const CLOCKS_DIFFER: Duration = Duration::from_secs(30);

/// Notes how far the service is. Looks at every position: for the beginning of a session, not for each batch.
pub(crate) async fn begin(pool: &PgPool) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    let query = "INSERT INTO bus.sessions (id, is_new, progress)
                 SELECT $1, count(*) = 0, max(time) FROM bus.positions WHERE sequence > 0";
    sqlx::query(query).bind(id).execute(pool).await?;
    Ok(id)
}

/// The session holds no marker.
pub(crate) async fn end(pool: &PgPool, id: Uuid) -> sqlx::Result<()> {
    let query = "DELETE FROM bus.sessions WHERE id = $1 OR began_at < bus.now() - make_interval(secs => $2)";
    sqlx::query(query).bind(id).bind(KEPT.as_secs_f64()).execute(pool).await?;
    Ok(())
}

/// How far the service was before anybody could take anything from the new queue, whose marker is of this time. Who began
/// long before that had subscribed to another queue.
pub(super) async fn smallest(pool: &PgPool, marked: DateTime<Utc>) -> sqlx::Result<Progress> {
    let query = "SELECT is_new, progress FROM bus.sessions WHERE began_at > $1 - make_interval(secs => $2)
                 UNION ALL SELECT count(*) = 0, max(time) FROM bus.positions WHERE sequence > 0";
    let margin = (SUBSCRIBED_WITHIN + CLOCKS_DIFFER).as_secs_f64();
    let query = sqlx::query_as(query).bind(marked).bind(margin);
    let rows: Vec<(bool, Option<DateTime<Utc>>)> = query.fetch_all(pool).await?;
    let progress = rows.into_iter().map(|(is_new, until)| Progress::from_columns(is_new, until));
    Ok(progress.min().unwrap_or(Progress::Nothing))
}
