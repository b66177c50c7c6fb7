//! A service's connections to its database, by its settings.

use std::time::Duration;

use anyhow::Context;
use bus::DatabaseLimits;
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgPool, Postgres, Transaction};

/// How long what may take in the database.
// Flattened into other settings; a group of this name may be there once.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct DatabaseTimeouts {
    /// Seconds that a statement may take in the database
    #[arg(long, env = "CARTWHEEL_STATEMENT_TIMEOUT_SECONDS", default_value_t = 30)]
    pub statement_timeout_seconds: u64,

    /// Seconds that a statement may wait for a lock in the database
    #[arg(long, env = "CARTWHEEL_LOCK_TIMEOUT_SECONDS", default_value_t = 5)]
    pub lock_timeout_seconds: u64,

    /// Seconds that a transaction may do nothing; then the database ends the session, since its process may be frozen
    #[arg(long, env = "CARTWHEEL_IDLE_IN_TRANSACTION_TIMEOUT_SECONDS", default_value_t = 15)]
    pub idle_in_transaction_timeout_seconds: u64,

    /// Seconds that a batch of events may take; then its connection to the database is closed and the batch tried again
    #[arg(long, env = "CARTWHEEL_BATCH_TIMEOUT_SECONDS", default_value_t = 60)]
    pub batch_timeout_seconds: u64,

    /// Seconds that a task may have work without making progress; then the service is not ready
    #[arg(long, env = "CARTWHEEL_STALL_TIMEOUT_SECONDS", default_value_t = 30)]
    pub stall_timeout_seconds: u64,
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

/// Connects to a service's own database.
pub(crate) async fn connect(
    name: &str,
    url: &SecretString,
    limits: DatabaseLimits,
    most: u32,
) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions =
        url.expose_secret().parse().with_context(|| format!("{name}: the database URL can't be read"))?;
    let connected = limits.connect(options.application_name(name), most).await;
    connected.with_context(|| format!("{name}: connecting to the database"))
}
