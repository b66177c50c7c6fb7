//! The SQL that remembers the epochs in which the service has numbered its events.

use sqlx::{PgConnection, PgPool};

/// The epoch that numbers are of now.
pub(crate) async fn current(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(epoch), 0) FROM bus.epochs").fetch_one(pool).await
}

/// Begins an epoch that is at least this one and greater than those before. Returns which it is.
pub(crate) async fn begin(connection: &mut PgConnection, at_least: i64) -> sqlx::Result<i64> {
    let query = "INSERT INTO bus.epochs (epoch)
                 SELECT greatest($1, coalesce(max(epoch), 0) + 1) FROM bus.epochs RETURNING epoch";
    sqlx::query_scalar(query).bind(at_least).fetch_one(connection).await
}
