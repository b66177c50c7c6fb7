//! The database's clock, for tests that would otherwise wait.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};

/// Turns the clock of one service's database ahead of the real one by this much: due times, leases and retries there are
/// compared with it. Turning it by zero sets it right again.
pub async fn turn_clock(pool: &PgPool, ahead: Duration) {
    let function = format!(
        "CREATE OR REPLACE FUNCTION bus.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
         RETURN now() + make_interval(secs => {})",
        ahead.as_secs_f64()
    );
    let turned = sqlx::raw_sql(AssertSqlSafe(function)).execute(pool).await;
    turned.unwrap_or_else(|error| panic!("cannot turn the clock: {error}"));
}
