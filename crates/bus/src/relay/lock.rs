//! The advisory lock that makes a relay the active one.
//!
//! It is held on the very connection that reads and deletes rows, so a relay that lost its database can't delete.

use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use crate::error::BusError;
use crate::lock_session;

/// The bytes of "busrelay". Advisory locks are per database, so every service can use the same number.
pub const LOCK: i64 = i64::from_be_bytes(*b"busrelay");

/// The connection that is to hold it.
pub(super) async fn connect(options: &PgConnectOptions, service: &str) -> Result<PgConnection, BusError> {
    let options = lock_session::options(options, &format!("{service} relay")).options([
        // Most of the table's pages may hold nothing but deleted rows. The planner, which counts the few live ones,
        // would read all pages rather than use the index (measured, see ADR 9).
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
        // Nothing that the relay writes needs to outlive a crash of the server: what is in the outbox again is published
        // again, and every inbox refuses it. To wait for the disk would hold up the next window (ADR 9).
        ("synchronous_commit", "off"),
    ]);
    lock_session::connect(&options).await
}

/// Whether no relay of any instance is active: it is not until the transaction ends.
pub(crate) async fn is_free(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(connection).await
}
