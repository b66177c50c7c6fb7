use events::Aggregate;
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
    /// What it is part of.
    pub source: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the events of that subject.
    pub sequence: i64,
    /// The event as JSON.
    pub body: Vec<u8>,
}

/// Whether a service has published all that it has committed.
pub async fn is_empty(databases: &Databases, service: &str) -> anyhow::Result<bool> {
    let query = sqlx::query_scalar("SELECT NOT EXISTS (SELECT FROM bus.outbox)");
    Ok(query.fetch_one(databases.of(service)?).await?)
}

/// What is committed of an aggregate and not published yet, at most `limit`, the oldest first.
pub async fn oldest(
    databases: &Databases,
    aggregate: Aggregate,
    limit: i64,
) -> anyhow::Result<Vec<OutboxRow>> {
    let query = sqlx::query_as(
        "SELECT event_id, type, source, subject, sequence, body FROM bus.outbox
         WHERE source = $1 ORDER BY id LIMIT $2",
    );
    let database = databases.of(aggregate.service())?;
    Ok(query.bind(aggregate.source()).bind(limit).fetch_all(database).await?)
}
