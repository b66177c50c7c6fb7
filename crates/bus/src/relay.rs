//! The relay: publishes what stands in the outbox, in its order, and deletes what the broker confirmed.
//!
//! One relay per service is active. It holds an advisory lock on the very connection that reads and deletes, so a
//! relay that lost its database can't delete; whatever it still publishes comes twice, which every inbox refuses.
//! There is no high-water mark: a transaction with a lower id can commit after one with a higher id, so each look
//! starts from the lowest row that is there.

use std::time::Duration;

use futures::future::join_all;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::connection::{Broker, Session, look_for_exchange, supervise};
use crate::error::BusError;
use crate::health::Health;
use crate::message::Outgoing;
use crate::outbox::Outbox;
use crate::topology::exchange_of;

/// How many messages are on their way to the broker unconfirmed. The window decides the speed (measured: 500 to 730
/// messages/s with a window of one, 7,000 to 15,000 with 500 to 1000).
const WINDOW: i64 = 1000;
/// As during a memory or disk alarm, when the broker stops reading.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(30);
/// For commits of other processes; this process's own wake the relay at once. (A NOTIFY in every commit would take a
/// lock that all commits share.)
const POLL: Duration = Duration::from_millis(50);
const STANDBY_POLL: Duration = Duration::from_secs(1);
/// The bytes of "busrelay". Advisory locks are per database, so every service can use the same number.
const LOCK: i64 = i64::from_be_bytes(*b"busrelay");

/// Publishes one service's outbox until it is stopped.
pub struct Relay {
    pub(crate) service: String,
    pub(crate) broker: Broker,
    pub(crate) database: PgConnectOptions,
    pub(crate) outbox: Outbox,
    pub(crate) health: Health,
}

impl Session for Relay {
    const ROLE: &'static str = "relay";

    fn health(&self) -> &Health {
        &self.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        let mut database = self.connect_database().await?;
        let connection = self.broker.connect(Self::ROLE).await?;
        let channel = connection.create_channel().await?;
        look_for_exchange(&channel, &exchange_of(&self.service)).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        if !self.becomes_active(&mut database, stop).await? {
            return Ok(());
        }
        self.health.up();
        self.work(&mut database, &channel, stop).await?;
        connection.close(200, "stopped".into()).await?;
        Ok(database.close().await?)
    }
}

impl Relay {
    /// Whether it is at work, or ready to take over from the one that is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Works until `stop`; then it finishes the window that it has begun.
    pub async fn run(self, stop: CancellationToken) {
        supervise(&self, &stop).await;
    }

    /// A direct connection: a pooler's transaction mode would void the advisory lock. The server finds out within
    /// seconds when the way to us is cut, instead of holding the lock for hours.
    async fn connect_database(&self) -> sqlx::Result<PgConnection> {
        let options = self.database.clone().application_name(&format!("{} relay", self.service)).options([
            ("tcp_keepalives_idle", "3"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "9000"),
        ]);
        options.connect().await
    }

    /// Waits for the lock; false when stopped before.
    async fn becomes_active(
        &self,
        database: &mut PgConnection,
        stop: &CancellationToken,
    ) -> sqlx::Result<bool> {
        loop {
            let locked = "SELECT pg_try_advisory_lock($1)";
            if sqlx::query_scalar(locked).bind(LOCK).fetch_one(&mut *database).await? {
                info!("the relay is active");
                return Ok(true);
            }
            // Another instance publishes; being ready to take over is all that is asked of this one.
            self.health.up();
            tokio::select! {
                () = tokio::time::sleep(STANDBY_POLL) => {}
                () = stop.cancelled() => return Ok(false),
            }
        }
    }

    async fn work(
        &self,
        database: &mut PgConnection,
        channel: &Channel,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        while !stop.is_cancelled() {
            let window = next_window(database).await?;
            if window.is_empty() {
                self.rest(channel, stop).await?;
                continue;
            }
            let published = tokio::time::timeout(CONFIRM_TIMEOUT, self.publish(channel, &window)).await;
            let (confirmed, problem) = published.map_err(|_| BusError::Unconfirmed)??;
            delete(database, &confirmed).await?;
            debug!(events = confirmed.len(), "published");
            if let Some(problem) = problem {
                return Err(problem);
            }
        }
        Ok(())
    }

    /// Waits for a commit, but not for long: other processes commit too.
    async fn rest(&self, channel: &Channel, stop: &CancellationToken) -> Result<(), BusError> {
        if !channel.status().connected() {
            return Err(BusError::Disconnected);
        }
        tokio::select! {
            () = self.outbox.woken() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
        Ok(())
    }

    /// Returns the ids that the broker took, and what went wrong with another, if anything. Only a plain ack is a
    /// confirmation: a message that came back as unroutable is acked as well, with the message attached.
    async fn publish(
        &self,
        channel: &Channel,
        window: &[Outgoing],
    ) -> Result<(Vec<i64>, Option<BusError>), BusError> {
        let exchange = exchange_of(&self.service);
        let options = BasicPublishOptions { mandatory: true, ..Default::default() };
        let mut confirms = Vec::with_capacity(window.len());
        for row in window {
            let properties = row.properties(self.outbox.source());
            let key = row.kind.as_str().into();
            let exchange = exchange.as_str().into();
            confirms.push(channel.basic_publish(exchange, key, options, &row.body, properties).await?);
        }
        let mut confirmed = Vec::with_capacity(window.len());
        let mut problem = None;
        for (row, confirmation) in window.iter().zip(join_all(confirms).await) {
            match confirmation? {
                Confirmation::Ack(None) => confirmed.push(row.id),
                Confirmation::Ack(Some(_)) => problem = Some(BusError::Unroutable(row.kind.clone())),
                Confirmation::Nack(_) | Confirmation::NotRequested => {
                    problem = Some(BusError::Refused(row.kind.clone()));
                }
            }
        }
        Ok((confirmed, problem))
    }
}

async fn next_window(database: &mut PgConnection) -> sqlx::Result<Vec<Outgoing>> {
    sqlx::query_as("SELECT id, event_id, type, subject, sequence, body FROM bus.outbox ORDER BY id LIMIT $1")
        .bind(WINDOW)
        .fetch_all(database)
        .await
}

async fn delete(database: &mut PgConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.outbox WHERE id = ANY($1)").bind(ids).execute(database).await?;
    Ok(())
}
