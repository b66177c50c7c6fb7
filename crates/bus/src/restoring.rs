//! What a service does after its database was restored from a backup.
//!
//! Its own events since the backup are in the event log, and show what it had done. Then it takes what others have published
//! since the backup, and numbers what follows from that in a new [epoch](crate::epoch). All of it is one transaction: if it
//! is interrupted, it can be run again.

mod own_events;
mod since_backup;
pub(crate) mod stopped;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction};
use tracing::info;

use crate::error::BusError;
use crate::event_key::SubjectKey;
use crate::event_log::replay::Replay;
#[cfg(debug_assertions)]
use crate::fault_injection::{self, Fault};
use crate::inbox::handler::Handler;
use crate::incoming::Incoming;
use crate::outbox::epochs;
use crate::topology::service::Service;
use crate::transaction::commit_sound;
use own_events::Import;
pub use own_events::OwnEvents;

/// Epoch 1 began here, so that two restored copies of a database rarely get the same epoch.
const EPOCHS_BEGAN: DateTime<Utc> = DateTime::from_timestamp_secs(1_767_225_600).unwrap();

/// Why a service's restored database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Instances of the service are running and would write at the same time.
    #[error("{service} is running ({who}): stop all of its instances, then run this again")]
    Running {
        /// The service.
        service: String,
        /// What shows it.
        who: String,
    },
    /// The event log, the broker or the database.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl From<sqlx::Error> for RestoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Bus(error.into())
    }
}

/// The outcome of bringing a restored database up to date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// From now on, its events are numbered in this epoch.
    pub epoch: i64,
    /// How many of its own events since the backup were in the log.
    pub imported: usize,
    /// The subjects of those that could not be imported, each with its source.
    pub failed: BTreeSet<String>,
    /// The subjects for which the log lacks some of the service's own events since the backup: these changes are lost.
    pub incomplete: BTreeSet<String>,
    /// How many events of other services were taken again.
    pub taken: usize,
    /// How many more didn't have to be, since the service's own events show their effects.
    pub known: usize,
}

/// What a restored service finds out on its way.
#[derive(Default)]
struct Findings {
    report: Restored,
    /// Own events that are in the log before others that precede them.
    early: Vec<Incoming>,
    /// The highest epoch among the own events in the log.
    highest_epoch: i64,
}

impl Findings {
    fn named(key: &SubjectKey) -> String {
        format!("{} of {}", key.subject, envelope::aggregate_of(&key.source))
    }
}

/// Brings a restored database up to date, from the event log.
pub(crate) async fn restore<O: OwnEvents, H: Handler>(
    replay: &Replay<'_, H>,
    service: &Service,
    own: &O,
    now: DateTime<Utc>,
) -> Result<Restored, RestoreError> {
    let outbox = &replay.intake.processor.runner.outbox;
    let _stopped = stopped::must_be_stopped(replay, service).await?;
    let mut transaction = begin(replay).await?;
    let mut findings = Findings::default();
    #[cfg(debug_assertions)]
    if fault_injection::is(Fault::ReuseNumbers) {
        since_backup::take(replay, service, own, &mut transaction, &mut findings).await?;
        commit_sound(transaction).await?;
        return Ok(findings.report);
    }
    Import { own, replay, service }.run(&mut transaction, &mut findings).await?;
    let hours = (now - EPOCHS_BEGAN).num_hours().max(0);
    let epoch = epochs::begin(&mut transaction, hours.max(findings.highest_epoch + 1)).await?;
    outbox.begin_epoch(epoch);
    findings.report.epoch = epoch;
    since_backup::take(replay, service, own, &mut transaction, &mut findings).await?;
    forget_readings(&mut transaction).await?;
    commit_sound(transaction).await?;
    info!(epoch, "restored");
    Ok(findings.report)
}

async fn begin<H: Handler>(replay: &Replay<'_, H>) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut transaction = replay.intake.pool().begin().await?;
    // It takes as long as it takes.
    for setting in ["SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0"] {
        sqlx::query(setting).execute(&mut *transaction).await?;
    }
    Ok(transaction)
}

/// Readings of the log that were under way at the time of the backup: all that they were for has been read now.
async fn forget_readings(connection: &mut PgConnection) -> sqlx::Result<()> {
    for table in ["DELETE FROM bus.sessions", "DELETE FROM bus.catching_up", "DELETE FROM bus.gap_search"] {
        sqlx::query(table).execute(&mut *connection).await?;
    }
    Ok(())
}
