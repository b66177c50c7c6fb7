use sqlx::FromRow;
use uuid::Uuid;

use crate::checker::Databases;

/// An event that is committed and not published yet.
#[derive(Clone, Debug, FromRow)]
pub struct OutboxRow {
    /// Its id.
    pub event_id: Uuid,
    /// Its type.
    #[sqlx(rename = "type")]
    pub event_type: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the events of that subject.
    pub sequence: i64,
    /// The event as JSON.
    pub body: Vec<u8>,
}

/// What a service has committed and not published yet, at most `limit`, the oldest first.
pub async fn oldest(databases: &Databases, service: &str, limit: i64) -> anyhow::Result<Vec<OutboxRow>> {
    let query = "SELECT event_id, type, subject, sequence, body FROM bus.outbox ORDER BY id LIMIT $1";
    Ok(sqlx::query_as(query).bind(limit).fetch_all(databases.of(service)?).await?)
}
