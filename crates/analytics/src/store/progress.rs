//! How far the event log was taken, and what of it was lost.

use bus::{LogBatch, LogPosition, Lost};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, Row};
use utoipa::ToSchema;

use super::Store;
use super::counted_events::Taken;

/// How far the figures are.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Progress {
    /// When the newest event happened that was counted; null before the first.
    pub newest: Option<DateTime<Utc>>,
    /// How many events were counted since the beginning.
    pub events: i64,
    /// How many came once more, and were not counted again.
    pub repeated: i64,
    /// How many could not be read or counted.
    pub passed_over: i64,
    /// What the event log lost before it was counted, the latest first: figures are too low there.
    pub losses: Vec<Loss>,
}

/// Events that are in no figure, since the event log lost them before they were counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Loss {
    /// When it was noticed.
    pub noticed_at: DateTime<Utc>,
    /// How many messages the log had dropped, each with one event or more; null where it was deleted and declared again, so
    /// that nobody knows.
    pub messages: Option<i64>,
}

/// The losses that are named.
const LOSSES: i64 = 20;

/// The database's time.
pub(super) async fn now(connection: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar("SELECT bus.now()").fetch_one(connection).await
}

pub(super) async fn reached(connection: &mut PgConnection) -> sqlx::Result<Option<LogPosition>> {
    let query = sqlx::query("SELECT log_offset, log_index, event_id FROM progress");
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(None) };
    let index: i32 = row.try_get("log_index")?;
    Ok(Some(LogPosition {
        offset: row.try_get("log_offset")?,
        index: usize::try_from(index).unwrap_or(0),
        event_id: row.try_get("event_id")?,
    }))
}

/// Moves to the end of a batch.
pub(super) async fn advance(
    connection: &mut PgConnection,
    batch: &LogBatch,
    taken: Taken,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let LogPosition { offset, index, event_id } = &batch.reached;
    let query = "INSERT INTO progress (log_offset, log_index, event_id, newest, events, repeated, passed_over)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (one) DO UPDATE SET log_offset = EXCLUDED.log_offset, log_index = EXCLUDED.log_index,
                     event_id = EXCLUDED.event_id, newest = greatest(progress.newest, EXCLUDED.newest),
                     events = progress.events + EXCLUDED.events, repeated = progress.repeated + EXCLUDED.repeated,
                     passed_over = progress.passed_over + EXCLUDED.passed_over";
    sqlx::query(query)
        .bind(offset)
        .bind(i32::try_from(*index).unwrap_or(i32::MAX))
        .bind(event_id)
        .bind(taken.newest)
        .bind(number(taken.events))
        .bind(number(taken.repeated))
        .bind(number(batch.passed_over + taken.unfit))
        .execute(&mut *connection)
        .await?;
    let Some(lost) = batch.lost else { return Ok(()) };
    let messages = match lost {
        Lost::Dropped { messages } => Some(messages),
        Lost::Recreated => None,
    };
    let query = "INSERT INTO losses (noticed_at, messages) VALUES ($1, $2)";
    sqlx::query(query).bind(now).bind(messages).execute(connection).await?;
    Ok(())
}

fn number(events: usize) -> i64 {
    i64::try_from(events).unwrap_or(i64::MAX)
}

impl Store {
    /// How far the figures are.
    pub async fn progress(&self) -> sqlx::Result<Progress> {
        let query = sqlx::query("SELECT newest, events, repeated, passed_over FROM progress");
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(Progress::default()) };
        let losses = sqlx::query_as("SELECT noticed_at, messages FROM losses ORDER BY id DESC LIMIT $1");
        let losses: Vec<(DateTime<Utc>, Option<i64>)> = losses.bind(LOSSES).fetch_all(&self.pool).await?;
        Ok(Progress {
            newest: row.try_get("newest")?,
            events: row.try_get("events")?,
            repeated: row.try_get("repeated")?,
            passed_over: row.try_get("passed_over")?,
            losses: losses.into_iter().map(|(noticed_at, messages)| Loss { noticed_at, messages }).collect(),
        })
    }
}
