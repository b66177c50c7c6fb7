//! The one instance that counts: it holds an advisory lock, on the very connection that it writes through. So an instance
//! that has lost the lock can't write.

use std::time::Duration;

use bus::{Failure, LogBatch, LogPosition, Logged};
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection, PgPool};

use super::counted_events::Taken;
use super::envelopes::{self, IndexedEvent};
use super::{counted_events, figures, partitions, progress};
use crate::numbers::{Counts, Retention};

/// The advisory lock of who counts: the bytes of "analytic".
pub const COUNTING_LOCK: i64 = i64::from_be_bytes(*b"analytic");
const STANDBY_POLL: Duration = Duration::from_secs(1);

/// The right to count, while the connection lasts.
pub struct Active {
    connection: PgConnection,
}

impl Active {
    /// Waits until no other instance counts. `stand_by` is called while another one does.
    pub async fn wait(pool: &PgPool, stand_by: impl Fn()) -> sqlx::Result<Self> {
        // Its own, not one that the pool replaces when it has become old.
        let mut connection = pool.acquire().await?.detach();
        loop {
            let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(COUNTING_LOCK);
            if lock.fetch_one(&mut connection).await? {
                return Ok(Self { connection });
            }
            stand_by();
            tokio::time::sleep(STANDBY_POLL).await;
        }
    }

    /// How far the event log was taken.
    pub async fn reached(&mut self) -> sqlx::Result<Option<LogPosition>> {
        progress::reached(&mut self.connection).await
    }

    /// Counts the events of a batch that are new, and moves on to its end: all of it or nothing.
    pub async fn take(&mut self, batch: &LogBatch, retention: Retention) -> Result<Taken, Failure> {
        let mut transaction = self.connection.begin().await?;
        let now = progress::now(&mut transaction).await?;
        let new = counted_events::take(&mut transaction, &batch.events).await?;
        let mut counts = Counts::default();
        let mut unfit = 0;
        for event in new.iter().filter_map(|logged| logged.event().ok()) {
            unfit += usize::from(counts.add(event, retention, now).is_err());
        }
        figures::add(&mut transaction, &counts).await?;
        index(&mut transaction, &new, retention, now).await?;
        let repeated = batch.events.len() - new.len();
        let taken = Taken { events: new.len(), repeated, unfit, newest: counts.newest };
        progress::advance(&mut transaction, batch, taken, now).await?;
        bus::commit(transaction).await?;
        Ok(taken)
    }
}

async fn index(
    connection: &mut PgConnection,
    events: &[&Logged],
    retention: Retention,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let events = events.iter().filter_map(|logged| IndexedEvent::of(logged));
    let events: Vec<IndexedEvent> = events.filter(|event| retention.indexes(event.event.time, now)).collect();
    if events.is_empty() {
        return Ok(());
    }
    partitions::prepare(connection, events.iter().map(|event| event.event.time)).await?;
    envelopes::insert(connection, &events).await
}
