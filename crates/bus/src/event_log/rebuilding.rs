//! Rebuilds a service's projection from the event log, from nothing.
//!
//! All of it is one transaction: until it is done, others see the previous contents, and if anything goes wrong, everything
//! stays as it was. If the log no longer has everything that the service has taken, that shows at the end: positions are
//! missing.

use std::collections::HashSet;

use sqlx::{PgConnection, Postgres, Transaction};
use tracing::{info, warn};
use uuid::Uuid;

use crate::consumer::intake::Intake;
use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::event_log::rebuilt_batch::RebuiltBatch;
use crate::event_log::replay::Replay;
use crate::event_log::unfinished_catch_ups;
use crate::inbox::handler::Handler;
use crate::topology::service::Service;
use crate::transaction::commit_sound;

/// Stood in the table of markers from the start of a rebuild to its end, when a rebuild was more than one transaction.
const REBUILD: Uuid = Uuid::nil();

/// Why a projection could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The handler makes decisions: run over old events, it would decide a second time.
    #[error(
        "{0} makes decisions, so it can't be run over old events: restore its database from a backup instead"
    )]
    Decides(String),
    /// Instances of the service are running and taking events.
    #[error("instances of {service} are running ({instances}): stop them, then run this again")]
    Running {
        /// The service.
        service: String,
        /// How many instances consume its queue.
        instances: u32,
    },
    /// The log was recreated, or retention has dropped its beginning.
    #[error(
        "the event log no longer has everything that {service} has taken: {events} events would be taken, and {subjects} \
         subjects would be behind, such as '{subject}' of {origin}. Nothing was changed. Restore the database from a backup \
         or have the publishers publish their present state again; or allow the rebuild to start where the log begins"
    )]
    LogIncomplete {
        /// The service.
        service: String,
        /// How many events the log has for it.
        events: usize,
        /// How many subjects would be behind their previous position.
        subjects: i64,
        /// One of them.
        subject: String,
        /// Its source.
        origin: String,
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
    let runner = &replay.intake.processor.runner;
    runner.outbox.disable();
    let mut transaction = begin(replay).await?;
    let events = take_all(replay, service, &mut transaction).await?;
    if let Some(incomplete) = behind(&mut transaction, service, events).await.map_err(BusError::from)? {
        if !replay.accepts_short_log {
            transaction.rollback().await.map_err(BusError::from)?;
            return Err(incomplete);
        }
        warn!(%incomplete, "rebuilt all the same, as the settings allow");
    }
    commit_sound(transaction).await.map_err(BusError::from)?;
    info!(events, "rebuilt");
    Ok(events)
}

/// Empties what was built, and keeps in mind how far it had come.
async fn begin<H: Handler>(replay: &Replay<'_, H>) -> Result<Transaction<'static, Postgres>, BusError> {
    let runner = &replay.intake.processor.runner;
    let mut transaction = runner.pool.begin().await?;
    for statement in [
        // It takes as long as it takes.
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
        "CREATE TEMPORARY TABLE positions_before ON COMMIT DROP AS
             SELECT source, subject, sequence FROM bus.positions WHERE sequence > 0",
        "DELETE FROM bus.positions",
        "DELETE FROM bus.parked",
    ] {
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    unfinished_catch_ups::end(&mut transaction, REBUILD).await?;
    runner.handler.clear(&mut transaction).await?;
    Ok(transaction)
}

async fn take_all<H: Handler>(
    replay: &Replay<'_, H>,
    service: &Service,
    transaction: &mut Transaction<'static, Postgres>,
) -> Result<usize, BusError> {
    let log = EventLog::new(replay.broker.clone());
    let end = log.end().await?;
    let wanted = |logged: &Logged| logged.is_of(&service.listens_to);
    let mut batches = replay.batches(&log, Start::First, end, wanted);
    let (mut progress, mut events, known) = (batches.begin(), 0, HashSet::new());
    loop {
        let batch = batches.next(&mut progress).await?;
        if batch.is_empty() {
            return Ok(events);
        }
        events += batch.len();
        let runner = &replay.intake.processor.runner;
        RebuiltBatch { runner, known: &known, from_snapshots: true }.take(transaction, &batch).await?;
    }
}

/// Whether subjects are not as far as they were, and are not parked either.
async fn behind(
    connection: &mut PgConnection,
    service: &Service,
    events: usize,
) -> sqlx::Result<Option<RebuildError>> {
    let query = "SELECT count(*) OVER (), before.source, before.subject FROM positions_before AS before
                 WHERE NOT EXISTS (SELECT FROM bus.positions AS now
                                   WHERE now.source = before.source AND now.subject = before.subject
                                     AND now.sequence >= before.sequence)
                   AND NOT EXISTS (SELECT FROM bus.parked
                                   WHERE parked.source = before.source AND parked.subject = before.subject
                                     AND parked.sequence >= before.sequence)
                   AND before.source = ANY($1)
                 LIMIT 1";
    let sources: Vec<String> = service.listens_to.iter().map(|name| envelope::source_of(name)).collect();
    let behind: Option<(i64, String, String)> =
        sqlx::query_as(query).bind(sources).fetch_optional(connection).await?;
    Ok(behind.map(|(subjects, origin, subject)| {
        let service = service.name.clone();
        RebuildError::LogIncomplete { service, events, subjects, subject, origin }
    }))
}

/// A release in which a rebuild was more than one transaction may have left half a projection, which must not pass for a
/// whole one.
pub(crate) async fn must_be_finished<H: Handler>(intake: &Intake<H>) -> Result<(), BusError> {
    let unfinished = intake.within(unfinished_catch_ups::is_unfinished(intake.pool(), REBUILD)).await?;
    if unfinished { Err(BusError::RebuildUnfinished) } else { Ok(()) }
}
