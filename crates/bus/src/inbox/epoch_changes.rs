//! The SQL that notes where a publisher went on in another epoch, since it was restored from a backup.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};
use tracing::warn;

use crate::epoch::epoch_of;
use crate::event_key::{EventKey, SubjectKey};
use crate::incoming::Incoming;

/// Where a subject goes on in another epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EpochChange {
    pub key: SubjectKey,
    /// The number of its first event there.
    pub sequence: i64,
    /// The last number that the publisher's database knew.
    pub previous: i64,
    /// The last number that was taken.
    pub position: i64,
}

impl EpochChange {
    /// The event that comes next has another predecessor than the number before its own.
    pub fn of(event: &Incoming, position: i64) -> Self {
        let EventKey { sequence, .. } = event.key;
        Self { key: SubjectKey::from(&event.key), sequence, previous: event.previous, position }
    }

    /// Whether events were taken that the publisher has lost.
    pub fn is_fork(&self) -> bool {
        self.position > self.previous
    }
}

/// Notes where subjects go on in another epoch, and deletes what is parked of the lost history. The caller has locked the
/// positions.
pub(crate) async fn note(connection: &mut PgConnection, changes: &[EpochChange]) -> sqlx::Result<()> {
    for change in changes {
        let EpochChange { key: SubjectKey { source, subject }, sequence, previous, position } = change;
        let query =
            "WITH lost AS (DELETE FROM bus.parked WHERE source = $1 AND subject = $2 AND sequence < $3)
                     INSERT INTO bus.epoch_changes (source, subject, sequence, previous, position)
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let query =
            sqlx::query(query).bind(source).bind(subject).bind(sequence).bind(previous).bind(position);
        query.execute(&mut *connection).await?;
        if change.is_fork() {
            warn!(%source, %subject, sequence, previous, position,
                  "a publisher was restored from a backup: events after `previous` were taken that it has lost");
        }
    }
    Ok(())
}

/// Logs duplicates that were never taken: they are of a history that their publisher has lost, and come late.
pub(crate) async fn report_orphans(
    connection: &mut PgConnection,
    duplicates: &[&Incoming],
    positions: &BTreeMap<SubjectKey, i64>,
) -> sqlx::Result<()> {
    for event in duplicates {
        let EventKey { source, subject, sequence } = &event.key;
        let position = positions.get(&SubjectKey::from(&event.key)).copied().unwrap_or_default();
        if epoch_of(*sequence) == epoch_of(position) {
            continue;
        }
        let query = "SELECT $3 > greatest(previous, position) FROM bus.epoch_changes
                     WHERE source = $1 AND subject = $2 AND sequence > $3 ORDER BY sequence LIMIT 1";
        let query = sqlx::query(query).bind(source).bind(subject).bind(sequence);
        let change = query.fetch_optional(&mut *connection).await?;
        if change.is_some_and(|row| row.get(0)) {
            warn!(%source, %subject, sequence, kind = %event.kind,
                  "an event of a history that its publisher has lost came late: not taken");
        }
    }
    Ok(())
}
