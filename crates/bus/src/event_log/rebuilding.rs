//! Rebuilds from the event log, from nothing, what a service projects.

use sqlx::PgPool;
use tracing::info;
use uuid::Uuid;

use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reach::must_reach_back;
use crate::event_log::reader::EventLog;
use crate::event_log::replay::{Replay, ReplayMode};
use crate::event_log::started;
use crate::inbox::handler::Handler;
use crate::topology::service::Service;
use crate::transaction::commit_sound;

/// Stands in the table of markers from the start of a rebuild to its end.
const REBUILD: Uuid = Uuid::nil();

/// Why a projection could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The handler decides something: run over old events, it would decide a second time.
    #[error(
        "{0} makes decisions, so it can't be run over old events: restore its database from a backup instead"
    )]
    Decides(String),
    /// Instances of the service take events meanwhile.
    #[error("instances of {service} are running ({instances}): stop them, then run this again")]
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

/// Empties what the handler builds and runs it over the whole event log. Returns how many events that were.
pub(crate) async fn rebuild<H: Handler>(
    replay: &Replay<'_, H>,
    service: &Service,
) -> Result<usize, RebuildError> {
    if !H::PROJECTS {
        return Err(RebuildError::Decides(service.name.clone()));
    }
    let (instances, _) = replay.broker.queue(&service.name).await?;
    if instances > 0 {
        return Err(RebuildError::Running { service: service.name.clone(), instances });
    }
    let log = EventLog::new(replay.broker.clone());
    must_reach_back(&log, None, replay.accepts_short_log).await?;
    let runner = &replay.intake.processor.runner;
    runner.outbox.disable();
    let mode = if started::is_unfinished(&runner.pool, REBUILD).await.map_err(BusError::from)? {
        ReplayMode::EachAlone
    } else {
        start(&runner.pool, runner.handler.as_ref()).await.map_err(BusError::from)?;
        ReplayMode::Batches
    };
    let exchanges = service.sources();
    let wanted = |logged: &Logged| exchanges.contains(&logged.exchange);
    let events = replay.run(&log, None, wanted, mode).await?;
    started::finish(&runner.pool, REBUILD).await.map_err(BusError::from)?;
    info!(events, "rebuilt");
    Ok(events)
}

/// In one transaction: what was built, how far it had come, and a note that it is being rebuilt.
async fn start<H: Handler>(pool: &PgPool, handler: &H) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO bus.catching_up (marker) VALUES ($1)")
        .bind(REBUILD)
        .execute(&mut *transaction)
        .await?;
    handler.clear(&mut transaction).await?;
    sqlx::query("DELETE FROM bus.positions").execute(&mut *transaction).await?;
    sqlx::query("DELETE FROM bus.parked").execute(&mut *transaction).await?;
    commit_sound(transaction).await
}

/// Half a projection must not pass for a whole one.
pub(crate) async fn must_be_finished(pool: &PgPool) -> Result<(), BusError> {
    if started::is_unfinished(pool, REBUILD).await? { Err(BusError::RebuildUnfinished) } else { Ok(()) }
}
