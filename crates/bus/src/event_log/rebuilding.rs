//! Builds from nothing, out of the event log, what a service projects.

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tracing::info;
use uuid::Uuid;

use crate::Bus;
use crate::catching_up::{Care, finish};
use crate::error::BusError;
use crate::event_log::{EventLog, Logged};
use crate::taking::Handler;
use crate::topology::Service;

/// Stands in the table of markers from the beginning of a rebuild to its end.
const REBUILD: Uuid = Uuid::nil();

/// Why a projection could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The handler decides something: run over old events, it would decide anew.
    #[error("{0} decides, so it can't be run over old events: restore its database from a backup instead")]
    Decides(String),
    /// Somebody is taking events meanwhile.
    #[error("{instances} of {service} take events: stop them, then run this again")]
    Running {
        /// The service.
        service: String,
        /// How many instances consume its queue.
        instances: u32,
    },
    /// The event log, the broker or the database.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl Bus {
    /// Empties what the handler builds and runs it over the whole event log, without publishing anything a second
    /// time. Returns how many events that were. The service must not run; when this is interrupted, the service
    /// refuses to work until another call has finished what this one began.
    pub async fn rebuild<H: Handler>(&self, service: &Service, handler: H) -> Result<usize, RebuildError> {
        if !H::PROJECTS {
            return Err(RebuildError::Decides(service.name.clone()));
        }
        let consumer = self.consumer(handler);
        let (instances, _) = consumer.broker.queue(&service.name).await?;
        if instances > 0 {
            return Err(RebuildError::Running { service: service.name.clone(), instances });
        }
        let log = EventLog::new(consumer.broker.clone());
        consumer.must_reach_back(&log, None).await?;
        self.outbox.silence();
        let care = if is_begun(&self.pool).await.map_err(BusError::from)? {
            Care::EachAlone
        } else {
            begin(&self.pool, &consumer.taking.handler).await.map_err(BusError::from)?;
            Care::Usual
        };
        let exchanges = service.sources();
        let wanted = |logged: &Logged| exchanges.contains(&logged.exchange);
        let events = consumer.read_log(&log, None, wanted, care, &CancellationToken::new()).await?;
        finish(&self.pool, REBUILD).await.map_err(BusError::from)?;
        info!(events, "rebuilt");
        Ok(events)
    }
}

/// In one transaction: what was built, how far it had come, and a note that it is being built.
async fn begin<H: Handler>(pool: &PgPool, handler: &H) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO bus.catching_up (marker) VALUES ($1)")
        .bind(REBUILD)
        .execute(&mut *transaction)
        .await?;
    handler.forget(&mut transaction).await?;
    sqlx::query("DELETE FROM bus.positions").execute(&mut *transaction).await?;
    sqlx::query("DELETE FROM bus.parked").execute(&mut *transaction).await?;
    transaction.commit().await
}

/// Half a projection must not pass for a whole one.
pub(crate) async fn must_be_finished(pool: &PgPool) -> Result<(), BusError> {
    if is_begun(pool).await? { Err(BusError::RebuildUnfinished) } else { Ok(()) }
}

async fn is_begun(pool: &PgPool) -> sqlx::Result<bool> {
    let begun = sqlx::query_scalar("SELECT EXISTS (SELECT FROM bus.catching_up WHERE marker = $1)");
    begun.bind(REBUILD).fetch_one(pool).await
}
