//! A service's connections to its database, by its settings.

use std::time::Duration;

use anyhow::Context;
use bus::DatabaseLimits;
use clap::Args;
use clap::builder::TypedValueParser;
use endpoint::PostgresUrl;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgPool, Postgres, Transaction};
use tokio_util::sync::CancellationToken;

/// For the database to be there, when a service starts beside it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long what may take in the database.
// Flattened into other settings; a group of this name may be there once.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct DatabaseTimeouts {
    /// Seconds that a statement may take in the database
    #[arg(long, env = "CARTWHEEL_STATEMENT_TIMEOUT_SECONDS", default_value_t = 30, value_parser = seconds())]
    pub statement_timeout_seconds: u64,

    /// Seconds that a statement may wait for a lock in the database
    #[arg(long, env = "CARTWHEEL_LOCK_TIMEOUT_SECONDS", default_value_t = 5, value_parser = seconds())]
    pub lock_timeout_seconds: u64,

    /// Seconds that a transaction may be idle; then the database ends the session, since its process may be frozen
    #[arg(long, env = "CARTWHEEL_IDLE_IN_TRANSACTION_TIMEOUT_SECONDS", default_value_t = 15, value_parser = seconds())]
    pub idle_in_transaction_timeout_seconds: u64,

    /// Seconds that a batch of events may take; then its connection to the database is closed and the batch tried again
    #[arg(long, env = "CARTWHEEL_BATCH_TIMEOUT_SECONDS", default_value_t = 60, value_parser = seconds())]
    pub batch_timeout_seconds: u64,

    /// Seconds that a task may have work without making progress; then the service is not ready
    #[arg(long, env = "CARTWHEEL_STALL_TIMEOUT_SECONDS", default_value_t = 30, value_parser = seconds())]
    pub stall_timeout_seconds: u64,
}

/// At least one, since PostgreSQL takes none for no limit; at most a day.
fn seconds() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(1..=86_400)
}

impl DatabaseTimeouts {
    pub(crate) fn limits(self) -> DatabaseLimits {
        DatabaseLimits {
            statement: Some(Duration::from_secs(self.statement_timeout_seconds)),
            lock: Duration::from_secs(self.lock_timeout_seconds),
            idle_in_transaction: Duration::from_secs(self.idle_in_transaction_timeout_seconds),
        }
    }
}

/// A transaction in which rows come in the order of an index, never by sorting: for a page of a list, of which the planner can't
/// know, with plans that serve for everything, how short it is.
///
/// # Errors
/// When the database can't be reached.
pub async fn in_index_order(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    pool.begin_with("BEGIN; SET LOCAL enable_sort = off").await
}

/// A service's own database: what it connects to, and how it follows the primary where there are several servers.
pub(crate) struct Database {
    pub pool: PgPool,
    servers: Vec<PgConnectOptions>,
}

impl Database {
    /// Connects to the server that takes writes.
    pub async fn connect(
        name: &str,
        url: &PostgresUrl,
        limits: DatabaseLimits,
        most: u32,
    ) -> anyhow::Result<Self> {
        let servers = url.servers().into_iter();
        let servers: Vec<_> = servers.map(|server| limits.session(server.application_name(name))).collect();
        let connecting = async { limits.connect(bus::find_primary(&servers, PATIENCE).await?, most).await };
        let pool =
            connecting.await.with_context(|| format!("{name}: connecting to its database at {url}"))?;
        Ok(Self { pool, servers })
    }

    /// Follows the primary until `stop`.
    pub async fn follow(self, stop: CancellationToken) {
        bus::follow_primary(self.pool, self.servers, stop).await;
    }
}
