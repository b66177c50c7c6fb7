//! What operators decided, and why: a row for each decision, written in the same transaction and kept for good.
//!
//! An action that can't be in one transaction with its row is recorded before it is carried out ([`begin`]), and marked with
//! its outcome afterwards ([`end`]): a row without that mark means that the process ended in between.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

/// A decision to be recorded.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// What was done: `parked.discard`.
    pub action: &'a str,
    /// What it was done to: an event's source and subject, an address, a product.
    pub target: &'a str,
    /// Why, in the operator's words.
    pub reason: Option<&'a str>,
    /// What else should be known about it later.
    pub details: Value,
}

/// A decision that was recorded.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Recorded {
    /// Its id; later decisions have larger ones.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, if that is known.
    pub operator: Option<String>,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// Why, if a reason was given.
    pub reason: Option<String>,
    /// What else was recorded.
    pub details: Value,
}

tokio::task_local! {
    /// Who acts, in the task that acts.
    static OPERATOR: Option<String>;
}

/// Does something in the name of an operator: the decisions that it records name the operator.
pub async fn acting<T>(operator: Option<String>, doing: impl Future<Output = T>) -> T {
    OPERATOR.scope(operator, doing).await
}

/// Records a decision, in the transaction that carries it out.
///
/// # Errors
/// When the database refuses the statement.
pub async fn record(connection: &mut PgConnection, decision: &Decision<'_>) -> sqlx::Result<()> {
    insert(connection, decision).await.map(drop)
}

/// Records a decision that is carried out afterwards. Returns its id, for recording the outcome.
///
/// # Errors
/// When the database refuses the statement. Then the decision must not be carried out.
pub async fn begin(pool: &PgPool, decision: &Decision<'_>) -> sqlx::Result<i64> {
    insert(&mut *pool.acquire().await?, decision).await
}

/// Adds the outcome of a decision to its details.
///
/// # Errors
/// When the database refuses the statement.
pub async fn end(pool: &PgPool, id: i64, outcome: &Value) -> sqlx::Result<()> {
    let update = sqlx::query("UPDATE bus.audit SET details = details || $2 WHERE id = $1");
    update.bind(id).bind(outcome).execute(pool).await.map(drop)
}

/// Deletes the record of a decision that was not carried out.
///
/// # Errors
/// When the database refuses the statement.
pub async fn withdraw(pool: &PgPool, id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bus.audit WHERE id = $1").bind(id).execute(pool).await.map(drop)
}

/// The latest decisions, newest first; with `before`, those before the one with that id; with `target`, those on it.
///
/// # Errors
/// When the database can't be read.
pub async fn list(
    pool: &PgPool,
    before: Option<i64>,
    target: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    let before = before.unwrap_or(i64::MAX);
    let query = match target {
        None => sqlx::query_as(
            "SELECT id, at, operator, action, target, reason, details FROM bus.audit
             WHERE id < $1 ORDER BY id DESC LIMIT $2",
        ),
        Some(_) => sqlx::query_as(
            "SELECT id, at, operator, action, target, reason, details FROM bus.audit
             WHERE id < $1 AND target = $3 ORDER BY target DESC, id DESC LIMIT $2",
        ),
    };
    let query = query.bind(before).bind(limit);
    match target {
        None => query.fetch_all(pool).await,
        Some(target) => query.bind(target).fetch_all(pool).await,
    }
}

async fn insert(connection: &mut PgConnection, decision: &Decision<'_>) -> sqlx::Result<i64> {
    let insert = "INSERT INTO bus.audit (operator, action, target, reason, details)
                  VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let operator = OPERATOR.try_with(Clone::clone).ok().flatten();
    let insert = sqlx::query_scalar(insert).bind(operator).bind(decision.action).bind(decision.target);
    insert.bind(decision.reason).bind(&decision.details).fetch_one(connection).await
}
