//! Finds events in the index.

use bus::LogPosition;
use chrono::{DateTime, Utc};
use service::in_index_order;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Store;

/// Which events to find.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this type only.
    pub event_type: Option<String>,
    /// About this only.
    pub subject: Option<String>,
    /// Those that a request caused, without what followed from them.
    pub request: Option<String>,
    /// At this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
    /// Those that come behind this one, which is the last of the page before.
    pub after: Option<Uuid>,
    /// The maximum number.
    pub limit: usize,
}

/// An event that was found.
#[derive(Clone, Debug)]
pub struct FoundEvent {
    /// Its id.
    pub id: Uuid,
    /// Its aggregate, as a path.
    pub source: String,
    /// Its type.
    pub event_type: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the subject's events.
    pub sequence: i64,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// What started it all.
    pub correlation_id: String,
    /// The event that caused it.
    pub causation_id: Option<Uuid>,
    /// Its place in the event log.
    pub place: LogPosition,
    /// The size of its JSON.
    pub bytes: i32,
}

/// A page of those that are selected by one of the indexes, the newest first.
macro_rules! page_of {
    ($selected:literal) => {
        concat!(
            "SELECT id, source, type, subject, sequence, time, correlation_id, causation_id, log_offset, log_index, bytes
             FROM envelopes
             WHERE ", $selected, "
               AND ($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR subject = $2)
               AND ($3::text IS NULL OR (correlation_id = $3 AND causation_id IS NULL))
               AND time >= coalesce($4, '-infinity') AND time < coalesce($5, 'infinity')
               AND ($6::uuid IS NULL OR (time, id) < (SELECT last.time, last.id FROM envelopes AS last WHERE last.id = $6))
             ORDER BY time DESC, id DESC
             LIMIT $7"
        )
    };
}

const BY_ID: &str =
    "SELECT id, source, type, subject, sequence, time, correlation_id, causation_id, log_offset,
                            log_index, bytes
                     FROM envelopes WHERE id = $1 LIMIT 1";

impl Store {
    /// Finds events, the newest first.
    pub async fn find(&self, filter: &EventFilter) -> sqlx::Result<Vec<FoundEvent>> {
        let select = sqlx::query(match filter {
            EventFilter { request: Some(_), .. } => page_of!("correlation_id = $3 AND causation_id IS NULL"),
            EventFilter { subject: Some(_), .. } => page_of!("subject = $2"),
            EventFilter { event_type: Some(_), .. } => page_of!("type = $1"),
            _ => page_of!("true"),
        });
        let mut transaction = in_index_order(&self.pool).await?;
        let rows = select
            .bind(&filter.event_type)
            .bind(&filter.subject)
            .bind(&filter.request)
            .bind(filter.from)
            .bind(filter.until)
            .bind(filter.after)
            .bind(i64::try_from(filter.limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *transaction)
            .await?;
        transaction.rollback().await?;
        rows.iter().map(found).collect()
    }

    /// An event by its id.
    pub async fn event(&self, id: Uuid) -> sqlx::Result<Option<FoundEvent>> {
        let row = sqlx::query(BY_ID).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(found).transpose()
    }

    /// What these events have caused directly, the oldest first; at most `most`.
    pub async fn caused_by(&self, causes: &[Uuid], most: usize) -> sqlx::Result<Vec<FoundEvent>> {
        let select = sqlx::query(
            "SELECT effect.*
             FROM unnest($1::uuid[]) AS cause (id)
             CROSS JOIN LATERAL (
                 SELECT id, source, type, subject, sequence, time, correlation_id, causation_id, log_offset, log_index, bytes
                 FROM envelopes WHERE causation_id = cause.id LIMIT $2 OFFSET 0
             ) AS effect
             LIMIT $2",
        );
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = select.bind(causes).bind(most).fetch_all(&self.pool).await?;
        rows.iter().map(found).collect()
    }
}

fn found(row: &PgRow) -> sqlx::Result<FoundEvent> {
    let id: Uuid = row.try_get("id")?;
    let index: i32 = row.try_get("log_index")?;
    let place = LogPosition {
        offset: row.try_get("log_offset")?,
        index: usize::try_from(index).unwrap_or(0),
        event_id: Some(id.to_string()),
    };
    Ok(FoundEvent {
        id,
        source: row.try_get("source")?,
        event_type: row.try_get("type")?,
        subject: row.try_get("subject")?,
        sequence: row.try_get("sequence")?,
        time: row.try_get("time")?,
        correlation_id: row.try_get("correlation_id")?,
        causation_id: row.try_get("causation_id")?,
        place,
        bytes: row.try_get("bytes")?,
    })
}
