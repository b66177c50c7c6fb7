//! The connection pool, and the tables of every service.

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::environment::variable;

pub const POOL_SIZE: u32 = 20;

/// Opens the pool, and creates the tables unless another process has.
pub async fn open() -> anyhow::Result<PgPool> {
    let options = PgPoolOptions::new()
        .min_connections(POOL_SIZE)
        .max_connections(POOL_SIZE)
        // Spares a round trip before each use; a connection that broke shows it at the next statement.
        .test_before_acquire(false);
    let pool = options.connect(&variable("DATABASE_URL")?).await?;
    sqlx::migrate!().run(&pool).await?;
    Ok(pool)
}
