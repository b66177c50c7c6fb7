//! A session with the database that holds an advisory lock: of a service's instances, the one that has it is active.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::database::DatabaseLimits;
use crate::error::BusError;

/// A connection that is silent for this long is half open.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
const RESPONSE_TIMEOUT_MILLISECONDS: &str = "10000";

/// The options of such a session. It connects directly: a pooler's transaction mode would void the lock.
///
/// When the network to us is cut or stalled, the server must find out within seconds: by default it holds the lock for
/// hours. Keepalives show a dead network. The session's own timeout also shows a process that stands still behind a
/// proxy which goes on to answer keepalives; we ask something of the server much more often.
pub(crate) fn options(options: &PgConnectOptions, application: &str) -> PgConnectOptions {
    let limits = DatabaseLimits { statement: Some(RESPONSE_TIMEOUT), ..DatabaseLimits::default() };
    limits.session(options.clone().application_name(application)).options([
        ("tcp_keepalives_idle", "3"),
        ("tcp_keepalives_interval", "2"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "9000"),
        ("idle_session_timeout", RESPONSE_TIMEOUT_MILLISECONDS),
    ])
}

/// Begins the session.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, BusError> {
    answer(options.connect()).await
}

/// What the database says, if it says anything in time.
pub(crate) async fn answer<T>(question: impl Future<Output = sqlx::Result<T>>) -> Result<T, BusError> {
    Ok(tokio::time::timeout(RESPONSE_TIMEOUT, question).await.map_err(|_| BusError::Silent)??)
}

/// Takes the lock if it is free. Returns whether the session has it now.
pub(crate) async fn acquire(connection: &mut PgConnection, lock: i64) -> Result<bool, BusError> {
    let acquired = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(lock);
    answer(acquired.fetch_one(connection)).await
}

/// Keeps the session, and with it the lock, while there is nothing else to ask; fails when it is gone.
pub(crate) async fn keep(connection: &mut PgConnection) -> Result<(), BusError> {
    answer(sqlx::query("SELECT 1").execute(connection)).await?;
    Ok(())
}
