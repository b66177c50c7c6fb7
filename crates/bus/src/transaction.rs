//! Commits that say so when PostgreSQL rolled back instead.
//!
//! After an SQL error a transaction can only be rolled back: PostgreSQL answers `COMMIT` with `ROLLBACK`, as a success, and
//! sqlx 0.9 doesn't look at that answer. Code that ignored the error would believe that what is lost was committed. So a
//! statement precedes each commit; in an aborted transaction it fails.

use sqlx::{PgConnection, Postgres, Transaction};

use crate::failure::Failure;
use crate::sql_error_kind::{IN_FAILED_TRANSACTION, has_code};

/// Commits a transaction. Use it instead of sqlx's own `commit`.
///
/// # Errors
/// When the transaction was aborted by an error that the caller ignored: then it is rolled back. When the commit fails: if
/// the connection was lost, whether it took effect is unknown.
pub async fn commit(mut transaction: Transaction<'_, Postgres>) -> sqlx::Result<()> {
    sqlx::query("SELECT 1").execute(&mut *transaction).await?;
    commit_sound(transaction).await
}

/// Commits a transaction in which a statement has succeeded since the caller's code last used it.
#[allow(clippy::disallowed_methods, reason = "the one place that calls it")]
pub(crate) async fn commit_sound(transaction: Transaction<'_, Postgres>) -> sqlx::Result<()> {
    transaction.commit().await
}

/// Fails if a handler ignored an SQL error or ended the transaction after something had been written in it.
pub(crate) async fn must_be_sound(connection: &mut PgConnection) -> Result<(), Failure> {
    let query = sqlx::query_scalar("SELECT pg_current_xact_id_if_assigned() IS NOT NULL");
    match query.fetch_one(connection).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::permanent("the handler ended the transaction that it was called in")),
        Err(error) if has_code(&error, IN_FAILED_TRANSACTION) => {
            Err(Failure::permanent("the handler passed over an SQL error, which aborted its transaction"))
        }
        Err(error) => Err(error.into()),
    }
}
