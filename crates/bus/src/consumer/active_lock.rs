//! The advisory lock that makes a consumer the active one: of a service's instances one consumes, and the others stand by.
//!
//! Order doesn't need it: positions keep that, whoever consumes. But a backlog that is spread over instances gives each of
//! them events whose predecessors another one has, and all of them wait for each other (ADR 61).

use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::error::BusError;
use crate::health::Health;
use crate::lock_session;
use crate::postgres_primary::server;

/// The bytes of "busconsu".
const LOCK: i64 = i64::from_be_bytes(*b"busconsu");
const STANDBY_POLL: Duration = Duration::from_millis(500);
/// Well within the time after which the server ends a session that stands still.
const KEEP: Duration = Duration::from_secs(2);

/// The lock, held by a session of its own: it outlives batches, and a frozen process can't keep it.
pub(super) struct ActiveLock {
    /// Where the database is, also after it has moved to another server.
    pool: PgPool,
    application: String,
    server: (String, u16),
    connection: PgConnection,
}

impl ActiveLock {
    /// Waits until no other instance has it. `None` when stopped before.
    pub async fn acquire(
        pool: &PgPool,
        service: &str,
        health: &Health,
        stop: &CancellationToken,
    ) -> Result<Option<Self>, BusError> {
        let application = format!("{service} consumer");
        let (server, mut connection) = connect(pool, &application).await?;
        while !lock_session::acquire(&mut connection, LOCK).await? {
            health.standby();
            if stop.run_until_cancelled(sleep(STANDBY_POLL)).await.is_none() {
                return Ok(None);
            }
        }
        info!("the consumer is active");
        Ok(Some(Self { pool: pool.clone(), application, server, connection }))
    }

    /// Keeps it, over outages of the database, too. Returns once another instance has it.
    pub async fn lost(&mut self) -> BusError {
        loop {
            sleep(KEEP).await;
            let is_there = self.server == server(&self.pool.connect_options());
            if is_there && lock_session::keep(&mut self.connection).await.is_ok() {
                continue;
            }
            if !self.regain().await {
                return BusError::OtherActive;
            }
        }
    }

    /// Takes it with a new session, once the database answers. Returns whether it is still to be had.
    async fn regain(&mut self) -> bool {
        loop {
            if let Ok((server, mut connection)) = connect(&self.pool, &self.application).await
                && let Ok(is_ours) = lock_session::acquire(&mut connection, LOCK).await
            {
                (self.server, self.connection) = (server, connection);
                return is_ours;
            }
            sleep(KEEP).await;
        }
    }

    /// Gives it back: the next instance takes over.
    pub async fn release(self) {
        // Dropped, it is gone as well, only later.
        let _ = lock_session::answer(self.connection.close()).await;
    }
}

async fn connect(pool: &PgPool, application: &str) -> Result<((String, u16), PgConnection), BusError> {
    let options = lock_session::options(&pool.connect_options(), application);
    Ok((server(&options), lock_session::connect(&options).await?))
}
