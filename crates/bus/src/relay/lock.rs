//! The advisory lock that makes a relay the active one.
//!
//! It is held on the very connection that reads and deletes rows, so a relay that lost its database can't delete.

use sqlx::PgConnection;

use crate::error::BusError;
use crate::relay::database::answer;

/// The bytes of "busrelay". Advisory locks are per database, so every service can use the same number.
pub const LOCK: i64 = i64::from_be_bytes(*b"busrelay");

/// Takes the lock if it is free. Returns whether this relay is the active one now.
pub(super) async fn acquire(connection: &mut PgConnection) -> Result<bool, BusError> {
    let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
    answer(lock.fetch_one(connection)).await
}

/// Whether no relay of any instance is active: it is not until the transaction ends.
pub(crate) async fn is_free(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(connection).await
}

/// Keeps the session, and with it the lock, while there is nothing else to ask; fails when it is gone.
pub(super) async fn keep(connection: &mut PgConnection) -> Result<(), BusError> {
    answer(sqlx::query("SELECT 1").execute(connection)).await?;
    Ok(())
}
