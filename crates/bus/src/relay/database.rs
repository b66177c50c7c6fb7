//! The relay's own connection to the database.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::database::DatabaseLimits;
use crate::error::BusError;

/// A connection that is silent for this long is half open.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
const RESPONSE_TIMEOUT_MILLISECONDS: &str = "10000";

/// Connects directly: a pooler's transaction mode would void the advisory lock.
///
/// When the network to us is cut or stalled, the server must find out within seconds: by default it holds the lock for
/// hours. Keepalives show a dead network. The session's own timeout also shows a relay that stands still behind a
/// proxy which goes on to answer keepalives; we ask something of the server much more often.
pub(super) async fn connect(options: &PgConnectOptions, service: &str) -> Result<PgConnection, BusError> {
    let limits = DatabaseLimits { statement: Some(RESPONSE_TIMEOUT), ..DatabaseLimits::default() };
    let options = limits.session(options.clone().application_name(&format!("{service} relay"))).options([
        ("tcp_keepalives_idle", "3"),
        ("tcp_keepalives_interval", "2"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "9000"),
        ("idle_session_timeout", RESPONSE_TIMEOUT_MILLISECONDS),
        // Most of the table's pages may hold nothing but deleted rows. The planner, which counts the few live ones,
        // would read all pages rather than use the index (measured, see ADR 9).
        ("enable_seqscan", "off"),
        ("enable_bitmapscan", "off"),
    ]);
    answer(options.connect()).await
}

/// What the database says, if it says anything in time.
pub(super) async fn answer<T>(question: impl Future<Output = sqlx::Result<T>>) -> Result<T, BusError> {
    Ok(tokio::time::timeout(RESPONSE_TIMEOUT, question).await.map_err(|_| BusError::Silent)??)
}
