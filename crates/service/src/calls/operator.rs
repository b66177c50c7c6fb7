//! The operator's hand: which calls have failed and why, and making them again.

use sqlx::{FromRow, PgConnection, PgPool};

/// Which failed calls are meant.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    /// Only those whose error contains this text.
    pub error: Option<&'a str>,
    /// The most calls.
    pub limit: i64,
}

/// Calls that failed with the same error.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Failures {
    /// Why they failed.
    pub error: String,
    /// How many they are.
    pub calls: i64,
}

/// Why calls have failed, the most frequent errors first. Looks at no more calls than the limit.
///
/// # Errors
/// When the database can't be read.
pub async fn failures(pool: &PgPool, target: &str, which: Which<'_>) -> sqlx::Result<Vec<Failures>> {
    let failures = sqlx::query_as(
        "SELECT coalesce(error, '') AS error, count(*) AS calls
         FROM (SELECT error FROM calls.calls
               WHERE target = $1 AND state = 'failed' AND ($2::text IS NULL OR strpos(error, $2) > 0)
               ORDER BY key LIMIT $3) AS failed
         GROUP BY 1 ORDER BY 2 DESC, 1",
    );
    failures.bind(target).bind(which.error).bind(which.limit).fetch_all(pool).await
}

/// Makes failed calls due at once, with all their attempts before them. Returns their keys; the service writes in the same
/// transaction that it waits for them again.
///
/// # Errors
/// When the database refuses the statement.
pub async fn retry(
    connection: &mut PgConnection,
    target: &str,
    which: Which<'_>,
) -> sqlx::Result<Vec<String>> {
    let retry = sqlx::query_scalar(
        "WITH failed AS MATERIALIZED (
             SELECT key FROM calls.calls
             WHERE target = $1 AND state = 'failed' AND ($2::text IS NULL OR strpos(error, $2) > 0)
             ORDER BY key LIMIT $3
             FOR UPDATE SKIP LOCKED
         )
         UPDATE calls.calls AS call
         SET state = 'due', attempts = 0, next_attempt = bus.now(), leased_until = NULL, settled_at = NULL
         FROM failed WHERE call.key = ANY (ARRAY(SELECT key FROM failed)) AND call.key = failed.key
         RETURNING call.key",
    );
    retry.bind(target).bind(which.error).bind(which.limit).fetch_all(connection).await
}

/// Makes one failed call due at once. Returns whether there is such a call and it has failed.
///
/// # Errors
/// When the database refuses the statement.
pub async fn retry_one(connection: &mut PgConnection, target: &str, key: &str) -> sqlx::Result<bool> {
    let retry = sqlx::query(
        "UPDATE calls.calls
         SET state = 'due', attempts = 0, next_attempt = bus.now(), leased_until = NULL, settled_at = NULL
         WHERE target = $1 AND key = $2 AND state = 'failed'",
    );
    Ok(retry.bind(target).bind(key).execute(connection).await?.rows_affected() == 1)
}
