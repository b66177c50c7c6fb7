//! Makes PostgreSQL count what the bench reports.

use servers::Postgres;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// Turns it on, which takes a restart. Returns where the figures can be read.
pub async fn enable(postgres: &mut Postgres) -> anyhow::Result<PgPool> {
    let pool = connect(postgres).await?;
    sqlx::query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'").execute(&pool).await?;
    // When each effect was committed.
    sqlx::query("ALTER SYSTEM SET track_commit_timestamp = on").execute(&pool).await?;
    pool.close().await;
    postgres.stop().await?;
    postgres.start().await?;
    let pool = connect(postgres).await?;
    sqlx::query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").execute(&pool).await?;
    // What begins and ends transactions is counted as commits.
    sqlx::query("ALTER SYSTEM SET pg_stat_statements.track_utility = off").execute(&pool).await?;
    sqlx::query("SELECT pg_reload_conf()").execute(&pool).await?;
    Ok(pool)
}

/// Forgets what was counted. There is room for some thousands of statements, and each contestant has hundreds, in databases
/// of its own: without it, statements would be forgotten in the middle of a measurement.
pub async fn reset(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_stat_statements_reset()").execute(pool).await.map(|_| ())
}

async fn connect(postgres: &Postgres) -> sqlx::Result<PgPool> {
    PgPoolOptions::new().max_connections(1).connect(postgres.url()).await
}
