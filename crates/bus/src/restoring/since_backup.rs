//! Takes what others published since the backup.

use envelope::Envelope;
use sqlx::{PgConnection, PgPool, Row};

use super::Findings;
use super::own_events::OwnEvents;
use crate::error::BusError;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::event_log::rebuilt_batch::RebuiltBatch;
use crate::event_log::replay::Replay;
use crate::event_log::retention_check::start_after;
use crate::inbox::handler::Handler;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::progress::Progress;
use crate::topology::service::Service;

/// Takes from the event log what the backup has not, but for what is known by the service's own events.
pub(super) async fn take<O: OwnEvents, H: Handler>(
    replay: &Replay<'_, H>,
    service: &Service,
    own: &O,
    connection: &mut PgConnection,
    findings: &mut Findings,
) -> Result<(), BusError> {
    if service.listens_to.is_empty() {
        return Ok(());
    }
    let log = EventLog::new(replay.broker.clone());
    let end = log.end().await?;
    let start = match progress(replay.intake.pool()).await? {
        Progress::Nothing => Start::First,
        Progress::Unknown => start_after(&log, None, replay.accepts_short_log).await?,
        Progress::Until(time) => start_after(&log, Some(time), replay.accepts_short_log).await?,
    };
    let runner = &replay.intake.processor.runner;
    let wanted = |logged: &Logged| logged.is_of(&service.listens_to);
    let mut batches = replay.batches(&log, start, end, wanted);
    let mut reading = batches.begin();
    loop {
        let batch = batches.next(&mut reading).await?;
        let others: Vec<&Envelope> = batch.iter().filter_map(|event| event.envelope.as_ref().ok()).collect();
        let known = own.known(&others, &runner.outbox, connection).await.map_err(Interrupted::Handler)?;
        if batch.is_empty() {
            return Ok(());
        }
        let taking = RebuiltBatch { runner, known: &known, from_snapshots: false };
        let taken = taking.take(connection, &batch).await?;
        findings.report.taken += taken.handled;
        findings.report.known += taken.known;
    }
}

/// As the backup has it: what was committed before this transaction.
async fn progress(pool: &PgPool) -> sqlx::Result<Progress> {
    let query = "SELECT count(*) = 0, max(time) FROM bus.positions WHERE sequence > 0";
    let row = sqlx::query(query).fetch_one(pool).await?;
    Ok(Progress::from_columns(row.get(0), row.get(1)))
}
