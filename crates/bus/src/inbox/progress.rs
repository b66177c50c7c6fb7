//! How far the service as a whole has come, by its positions.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// How far the service has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It has taken nothing yet.
    Nothing,
    /// It has taken something, but nobody wrote down when that happened.
    Unknown,
    /// When the youngest event happened that it took.
    Until(DateTime<Utc>),
}

/// Reads how far the service has come. Looks at every position: for the beginning of a session, not for each batch.
pub(crate) async fn read(pool: &PgPool) -> sqlx::Result<Progress> {
    let query = "SELECT max(time), count(*) FROM bus.positions WHERE sequence > 0";
    let (youngest, number): (Option<DateTime<Utc>>, i64) = sqlx::query_as(query).fetch_one(pool).await?;
    Ok(match (youngest, number) {
        (_, 0) => Progress::Nothing,
        (None, _) => Progress::Unknown,
        (Some(youngest), _) => Progress::Until(youngest),
    })
}
