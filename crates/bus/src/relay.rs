//! The relay: publishes what is in the outbox, in its order, and deletes what the broker confirmed.
//!
//! One relay per service is active: the one that holds the advisory lock, see `lock`. What a relay still publishes after it
//! lost the lock is delivered twice, and every inbox refuses duplicates. A transaction with a lower id can commit after one
//! with a higher id, so no row ever counts as passed, see `scan_start`.

mod active;
pub(crate) mod confirm_backoff;
mod confirms;
mod ended_subjects;
mod first_publish;
pub(crate) mod lock;
mod publisher;
pub(crate) mod refusal_suspects;
mod rows;
mod scan_start;
mod standby;
mod unconfirmed;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::{Channel, Connection};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::batch_delay::{BatchDelay, Pause};
use crate::connection::{Broker, close};
use crate::error::BusError;
use crate::event_log::reader::EventLog;
use crate::health::Health;
use crate::observer::Observer;
use crate::outbox::Outbox;
use crate::passive_declare::look_for_exchange;
use crate::renamed_source::RenamedSources;
use crate::session::{Session, supervise};
use crate::trace::Traces;
use active::Active;
use confirm_backoff::ConfirmBackoff;
use ended_subjects::EndedSubjects;
use publisher::{Publisher, ensure_connected};
use refusal_suspects::RefusalSuspects;
use rows::{Rows, WINDOW};
use standby::Standby;
use unconfirmed::Unconfirmed;

/// For commits of other processes; this process's own wake the relay at once. (A NOTIFY in every commit would take a
/// lock that all commits share.)
const POLL: Duration = Duration::from_millis(50);
/// How long events gather under load, so that they share messages.
const GATHERING: Pause = Pause { per_event: Duration::from_micros(250), longest: Duration::from_millis(10) };
const STANDBY_POLL: Duration = Duration::from_secs(1);

/// Publishes one service's outbox until it is stopped.
pub struct Relay {
    pub(crate) service: String,
    /// The aggregates that it publishes.
    pub(crate) publishes: Vec<String>,
    /// Those of them that have one event a message.
    pub(crate) unpacked: BTreeSet<String>,
    pub(crate) renamed_sources: RenamedSources,
    pub(crate) broker: Broker,
    /// How to connect to it.
    pub(crate) database: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) health: Health,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) traces: Traces,
    pub(crate) confirm_timeout: Duration,
    /// How much may be published and not confirmed.
    pub(crate) max_unconfirmed: usize,
    /// How long after the broker has refused an event it is tried again.
    pub(crate) refused_retry: Duration,
    /// How long the last numbers of ended subjects are kept.
    pub(crate) ended: Duration,
    pub(crate) suspects: RefusalSuspects,
    pub(crate) backoff: ConfirmBackoff,
}

impl Session for Relay {
    const ROLE: &'static str = "relay";

    fn health(&self) -> &Health {
        &self.health
    }

    async fn session(&self, stop: &CancellationToken) -> Result<(), BusError> {
        self.health.idle();
        let mut rows =
            Rows::connect(&self.database.connect_options(), &self.service, &self.renamed_sources).await?;
        let connection = self.broker.connect(Self::ROLE).await?;
        let channel = connection.create_channel().await?;
        for exchange in &self.publishes {
            look_for_exchange(&channel, exchange).await?;
        }
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        if self.becomes_active(&mut rows, &channel, stop).await? {
            let worked = self.work(&mut rows, &connection, &channel, stop).await;
            if matches!(worked, Err(BusError::Unconfirmed)) {
                self.backoff.grow();
            }
            worked?;
        }
        close(&connection).await;
        rows.close().await
    }
}

impl Relay {
    /// Whether it is publishing, or ready to take over from the relay that does.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Runs until `stop`; then it finishes the window that it has begun.
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
        let mut standby = Standby::default();
        while !rows.lock().await? {
            ensure_connected(channel)?;
            self.health.standby();
            standby.watch(rows, &self.health).await?;
            tokio::select! {
                () = tokio::time::sleep(STANDBY_POLL) => {}
                () = stop.cancelled() => return Ok(false),
            }
        }
        info!("the relay is active");
        self.health.idle();
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
            health: &self.health,
            traces: &self.traces,
            unpacked: &self.unpacked,
            timeout: self.backoff.timeout(self.confirm_timeout),
        };
        let mut active = Active {
            rows,
            broker,
            log: EventLog::new(self.broker.clone()),
            observer: &*self.observer,
            suspects: &self.suspects,
            backoff: &self.backoff,
            refused_retry: self.refused_retry,
            unconfirmed: Unconfirmed::new(self.max_unconfirmed),
            is_new_channel: true,
            looked_for_refused: None,
        };
        let mut gathering = BatchDelay::new(WINDOW as usize, GATHERING);
        let mut ended = EndedSubjects::kept_for(self.ended);
        while !stop.is_cancelled() {
            ended.prune(active.rows).await?;
            let published = active.publish_next(stop).await?;
            if published == 0 {
                self.rest(stop).await;
            }
            gathering.wait_after(published, stop).await;
        }
        Ok(())
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
