//! What operators decided, and why: a row for each decision, written in its transaction and kept for good.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

/// A decision that is written down.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// What was done: `parked.discard`.
    pub action: &'a str,
    /// What it was done to: an event's source and subject, an address, a product.
    pub target: &'a str,
    /// Why, in the operator's words.
    pub reason: Option<&'a str>,
    /// What else should be known of it later.
    pub details: Value,
}

/// A decision that was written down.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Recorded {
    /// The later, the larger.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// Why, where a reason was given.
    pub reason: Option<String>,
    /// What else was written down.
    pub details: Value,
}

/// Writes a decision down, in the transaction that carries it out.
///
/// # Errors
/// When the database refuses the statement.
pub async fn record(connection: &mut PgConnection, decision: &Decision<'_>) -> sqlx::Result<()> {
    let insert = "INSERT INTO bus.audit (action, target, reason, details) VALUES ($1, $2, $3, $4)";
    let insert = sqlx::query(insert).bind(decision.action).bind(decision.target).bind(decision.reason);
    insert.bind(&decision.details).execute(connection).await?;
    Ok(())
}

/// The latest decisions, newest first; with `before`, those before the one with that id.
///
/// # Errors
/// When the database can't be read.
pub async fn list(pool: &PgPool, before: Option<i64>, limit: i64) -> sqlx::Result<Vec<Recorded>> {
    let query = "SELECT id, at, action, target, reason, details FROM bus.audit
                 WHERE id < coalesce($1, 9223372036854775807) ORDER BY id DESC LIMIT $2";
    sqlx::query_as(query).bind(before).bind(limit).fetch_all(pool).await
}
