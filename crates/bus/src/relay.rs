//! The relay: publishes what is in the outbox, in its order, and deletes what the broker confirmed.
//!
//! One relay per service is active: the one that holds the advisory lock, see `lock`. What a relay still publishes
//! after it lost the lock comes twice, and every inbox refuses duplicates. A transaction with a lower id can commit
//! after one with a higher id, so no row ever counts as passed, see `scan_start`.

mod database;
mod first_publish;
mod lock;
mod publisher;
mod rows;
mod scan_start;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection};
use sqlx::postgres::PgConnectOptions;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::event_log::reader::EventLog;
use crate::health::Health;
use crate::lookup::look_for_exchange;
use crate::observer::Observer;
use crate::outbox::Outbox;
use crate::outgoing::Outgoing;
use crate::session::{Session, supervise};
use crate::topology::names::exchange_of;
use crate::trace::Traces;
use publisher::Publisher;
use rows::Rows;

/// For commits of other processes; this process's own wake the relay at once. (A NOTIFY in every commit would take a
/// lock that all commits share.)
const POLL: Duration = Duration::from_millis(50);
const STANDBY_POLL: Duration = Duration::from_secs(1);

/// Publishes one service's outbox until it is stopped.
pub struct Relay {
    pub(crate) service: String,
    pub(crate) broker: Broker,
    pub(crate) database: PgConnectOptions,
    pub(crate) outbox: Outbox,
    pub(crate) health: Health,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) traces: Traces,
    pub(crate) confirm_timeout: Duration,
}

impl Session for Relay {
    const ROLE: &'static str = "relay";

    fn health(&self) -> &Health {
        &self.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.health.idle();
        let mut rows = Rows::connect(&self.database, &self.service).await?;
        let connection = self.broker.connect(Self::ROLE).await?;
        let channel = connection.create_channel().await?;
        look_for_exchange(&channel, &exchange_of(&self.service)).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        if self.becomes_active(&mut rows, &channel, stop).await? {
            self.work(&mut rows, &connection, &channel, stop).await?;
        }
        close(&connection).await;
        rows.close().await
    }
}

impl Relay {
    /// Whether it is publishing, or ready to take over from the one that is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Works until `stop`; then it finishes the window that it has begun.
    pub async fn run(self, stop: CancellationToken) {
        supervise(&self, &stop).await;
    }

    /// Waits for the lock; false when stopped before.
    async fn becomes_active(
        &self,
        rows: &mut Rows,
        channel: &Channel,
        stop: &CancellationToken,
    ) -> Result<bool, BusError> {
        while !rows.lock().await? {
            ensure_connected(channel)?;
            // Another instance publishes; being ready to take over is all that is asked of this one.
            self.health.up();
            tokio::select! {
                () = tokio::time::sleep(STANDBY_POLL) => {}
                () = stop.cancelled() => return Ok(false),
            }
        }
        info!("the relay is active");
        Ok(true)
    }

    async fn work(
        &self,
        rows: &mut Rows,
        connection: &Connection,
        channel: &Channel,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        let broker = Publisher {
            connection,
            channel,
            exchange: &exchange_of(&self.service),
            source: self.outbox.source(),
            health: &self.health,
            traces: &self.traces,
            timeout: self.confirm_timeout,
        };
        let log = EventLog::new(self.broker.clone());
        let mut is_new_channel = true;
        while !stop.is_cancelled() {
            let window = rows.next().await?;
            if window.is_empty() {
                ensure_connected(channel)?;
                self.health.up();
                self.health.idle();
                self.rest(stop).await;
                continue;
            }
            self.health.busy();
            if std::mem::take(&mut is_new_channel) {
                let began = Instant::now();
                first_publish::publish_first(&window[0], &log, &broker, rows, stop).await?;
                rows.delete(&[window[0].id]).await?;
                self.report(&window, &[window[0].id], began);
                continue;
            }
            let began = Instant::now();
            let published = broker.publish(&window, rows, stop).await?;
            rows.delete(&published.confirmed).await?;
            self.report(&window, &published.confirmed, began);
            match published.problem {
                None => self.health.up(),
                Some(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    fn report(&self, window: &[Outgoing], confirmed: &[i64], began: Instant) {
        debug!(events = confirmed.len(), "published");
        if !confirmed.is_empty() {
            self.health.progressed();
        }
        // Both are in the outbox's order.
        let types: Vec<&str> = window
            .iter()
            .filter(|row| confirmed.binary_search(&row.id).is_ok())
            .map(|row| row.kind.as_str())
            .collect();
        self.observer.published(&types, began.elapsed());
    }

    /// Waits for a commit, but not for long: other processes commit too.
    async fn rest(&self, stop: &CancellationToken) {
        tokio::select! {
            () = self.outbox.woken() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn ensure_connected(channel: &Channel) -> Result<(), BusError> {
    if channel.status().connected() { Ok(()) } else { Err(BusError::Disconnected) }
}
