//! The operator's actions on timers: which are set, and what becomes of those that have failed.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use tracing::info;

/// The state of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerState {
    /// It is not due yet.
    Set,
    /// It is due, and fires within moments.
    Due,
    /// It has failed, and will be retried.
    Retried,
    /// It has failed too often: an operator must decide.
    Failed,
}

impl TimerState {
    fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Due => "due",
            Self::Retried => "retried",
            Self::Failed => "failed",
        }
    }
}

/// A timer that is set.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct ListedTimer {
    /// What an operator names it by: the number of its setting.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// With what.
    pub key: String,
    /// `set`: not due yet; `due`; `retried`: it has failed and is tried again; or `failed`: an operator must decide.
    pub state: String,
    /// The time that it was set for.
    pub due: DateTime<Utc>,
    /// When it is tried next; `None` if an operator must decide.
    pub next_attempt: Option<DateTime<Utc>>,
    /// How often it was tried alone, including failures.
    pub attempts: i32,
    /// Why it failed.
    pub error: Option<String>,
}

/// Which timers to list. The default lists 100 of those that have failed.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those with this key.
    pub key: Option<String>,
    /// Only those in this state; unless it is given, those that have failed and those with the `key`.
    pub state: Option<TimerState>,
    /// The maximum number of timers.
    pub limit: i64,
}

impl Default for Filter {
    fn default() -> Self {
        Self { kind: None, key: None, state: None, limit: 100 }
    }
}

/// Timers, by kind and then by due time.
///
/// # Errors
/// When the database can't be read.
pub async fn list(pool: &PgPool, filter: &Filter) -> sqlx::Result<Vec<ListedTimer>> {
    // Of each kind the first of one index, so that a million others cost nothing.
    let query = "WITH RECURSIVE known (kind) AS (
             (SELECT kind FROM bus.timers ORDER BY kind LIMIT 1)
             UNION ALL
             SELECT (SELECT kind FROM bus.timers WHERE timers.kind > known.kind ORDER BY kind LIMIT 1)
             FROM known WHERE known.kind IS NOT NULL
         )
         SELECT setting AS id, timer.kind, key, due, next_attempt, attempts, error,
             CASE WHEN attempts > 0 AND next_attempt IS NULL THEN 'failed' WHEN attempts > 0 THEN 'retried'
                  WHEN next_attempt <= bus.now() THEN 'due' ELSE 'set' END AS state
         FROM known CROSS JOIN LATERAL (
             (SELECT * FROM bus.timers
              WHERE $2::text IS NOT NULL AND timers.kind = known.kind AND timers.key = $2 AND CASE $3::text
                  WHEN 'set' THEN attempts = 0 AND next_attempt > bus.now()
                  WHEN 'due' THEN attempts = 0 AND next_attempt <= bus.now()
                  WHEN 'retried' THEN attempts > 0 AND next_attempt IS NOT NULL
                  WHEN 'failed' THEN next_attempt IS NULL
                  ELSE true END)
             UNION ALL
             (SELECT * FROM bus.timers
              WHERE $2::text IS NULL AND $3::text IN ('set', 'due') AND timers.kind = known.kind AND attempts = 0
                AND next_attempt > CASE $3::text WHEN 'set' THEN bus.now() ELSE '-infinity' END
                AND next_attempt <= CASE $3::text WHEN 'due' THEN bus.now() ELSE 'infinity' END
              ORDER BY next_attempt LIMIT $4)
             UNION ALL
             (SELECT * FROM bus.timers
              WHERE $2::text IS NULL AND ($3::text IS NULL OR $3 IN ('retried', 'failed')) AND timers.kind = known.kind
                AND attempts > 0 AND ($3::text IS NULL OR ($3 = 'failed') = (next_attempt IS NULL))
              ORDER BY next_attempt LIMIT $4)
         ) AS timer
         WHERE known.kind IS NOT NULL AND ($1::text IS NULL OR known.kind = $1)
         ORDER BY timer.kind, due, key LIMIT $4";
    let query = sqlx::query_as(query).bind(&filter.kind).bind(&filter.key);
    query.bind(filter.state.map(TimerState::name)).bind(filter.limit).fetch_all(pool).await
}

/// Retries a timer that has failed, at once and with all its attempts available again. Returns whether there is such a timer.
///
/// # Errors
/// When the database refuses the statement.
pub async fn retry(pool: &PgPool, id: i64) -> sqlx::Result<bool> {
    // Not as if it had never failed: it is tried alone.
    let query = "UPDATE bus.timers SET attempts = 1, crashed = false, next_attempt = bus.now()
                 WHERE setting = $1 AND attempts > 0";
    let retried = sqlx::query(query).bind(id).execute(pool).await?.rows_affected() == 1;
    if retried {
        info!(id, "an operator has a timer tried again");
    }
    Ok(retried)
}

/// Retries all timers of a kind that wait for an operator. Returns how many they are.
///
/// # Errors
/// When the database refuses the statement.
pub async fn retry_all(pool: &PgPool, kind: &str) -> sqlx::Result<u64> {
    let query = "UPDATE bus.timers SET attempts = 1, crashed = false, next_attempt = bus.now()
                 WHERE kind = $1 AND attempts > 0 AND next_attempt IS NULL";
    let retried = sqlx::query(query).bind(kind).execute(pool).await?.rows_affected();
    info!(kind, timers = retried, "an operator has the failed timers of a kind tried again");
    Ok(retried)
}

/// Gives up a timer that has failed: it never fires. Returns whether there is such a timer.
///
/// # Errors
/// When the database refuses the statement.
pub async fn discard(pool: &PgPool, id: i64) -> sqlx::Result<bool> {
    let query = "DELETE FROM bus.timers WHERE setting = $1 AND attempts > 0 RETURNING kind, key";
    let discarded: Option<(String, String)> = sqlx::query_as(query).bind(id).fetch_optional(pool).await?;
    if let Some((kind, key)) = &discarded {
        info!(id, kind, key, "an operator has discarded a timer");
    }
    Ok(discarded.is_some())
}
