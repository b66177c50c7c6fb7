//! Asking for calls, and no longer asking for them.

use sqlx::PgConnection;

/// Places calls in the transaction that asks for them; they are made after its commit. Who places a key again changes
/// nothing.
///
/// # Errors
/// When the database refuses the statement.
pub async fn place(connection: &mut PgConnection, target: &str, keys: &[String]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO calls.calls (key, target, next_attempt, placed_at)
         SELECT key, $1, bus.now(), bus.now() FROM unnest($2::text[]) AS call (key)
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(target)
    .bind(keys)
    .execute(connection)
    .await?;
    Ok(())
}

/// Withdraws calls that are not made yet, in the transaction that makes them pointless. Returns those that were. One that is
/// being made at this moment may still take effect.
///
/// # Errors
/// When the database refuses the statement.
pub async fn withdraw(
    connection: &mut PgConnection,
    target: &str,
    keys: &[String],
) -> sqlx::Result<Vec<String>> {
    // So that two withdrawals lock their calls in the same order.
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    let withdraw = sqlx::query_scalar(
        "WITH due AS MATERIALIZED (
             SELECT call.key FROM unnest($2::text[]) AS wanted (key)
             CROSS JOIN LATERAL (
                 SELECT key, target, state FROM calls.calls WHERE calls.key = wanted.key OFFSET 0 FOR UPDATE
             ) AS call
             WHERE call.target = $1 AND call.state = 'due'
         )
         UPDATE calls.calls AS call
         SET state = 'withdrawn', next_attempt = NULL, leased_until = NULL, settled_at = bus.now()
         FROM due WHERE call.key = ANY (ARRAY(SELECT key FROM due)) AND call.key = due.key
         RETURNING call.key",
    );
    withdraw.bind(target).bind(sorted).fetch_all(connection).await
}

/// Settles calls whose outcome is known by other means: they were made, and succeeded or failed. A failed one can be
/// [retried](super::retry_one).
///
/// # Errors
/// When the database refuses the statement.
pub async fn settle(connection: &mut PgConnection, keys: &[&str], succeeded: bool) -> sqlx::Result<()> {
    let state = if succeeded { "done" } else { "failed" };
    let settle = sqlx::query(
        "UPDATE calls.calls SET state = $2, next_attempt = NULL, leased_until = NULL, settled_at = bus.now()
         WHERE key = ANY($1)",
    );
    settle.bind(keys).bind(state).execute(connection).await?;
    Ok(())
}
