//! Deletes what is too old.

use chrono::{DateTime, Utc};

use super::{Store, partitions, progress};
use crate::numbers::{Resolution, Retention};

/// Which numbers of a subject were taken is kept for so long after its last event: longer than the event log reaches back.
const TAKEN_DAYS: i32 = 60;
/// At a time: whoever counts must not wait for it.
const ROWS: i64 = 5_000;

impl Store {
    /// Deletes what is no longer kept. Returns the number of rows, and of days of the index.
    pub async fn prune(&self, retention: Retention) -> sqlx::Result<(u64, usize)> {
        let mut connection = self.pool.acquire().await?;
        let now = progress::now(&mut connection).await?;
        let days =
            partitions::drop_before(&mut connection, retention.envelopes_since(now).date_naive()).await?;
        let mut rows = self.prune_taken().await?;
        for resolution in [Resolution::Minute, Resolution::Hour] {
            let Some(horizon) = retention.horizon(resolution, now) else { continue };
            rows += self.prune_figures(FIGURES, resolution, horizon).await?;
            rows += self.prune_figures(PRODUCT_FIGURES, resolution, horizon).await?;
        }
        Ok((rows, days))
    }

    async fn prune_figures(
        &self,
        query: &'static str,
        resolution: Resolution,
        horizon: DateTime<Utc>,
    ) -> sqlx::Result<u64> {
        let mut rows = 0;
        loop {
            let delete = sqlx::query(query).bind(resolution.column()).bind(horizon).bind(ROWS);
            let deleted = delete.execute(&self.pool).await?.rows_affected();
            rows += deleted;
            if deleted < ROWS.unsigned_abs() {
                return Ok(rows);
            }
        }
    }

    async fn prune_taken(&self) -> sqlx::Result<u64> {
        let mut rows = 0;
        loop {
            let delete = sqlx::query(
                "DELETE FROM taken WHERE ctid = ANY (ARRAY(
                     SELECT ctid FROM taken WHERE changed_at < bus.now() - make_interval(days => $1) LIMIT $2))",
            );
            let deleted = delete.bind(TAKEN_DAYS).bind(ROWS).execute(&self.pool).await?.rows_affected();
            rows += deleted;
            if deleted < ROWS.unsigned_abs() {
                return Ok(rows);
            }
        }
    }
}

const FIGURES: &str = "DELETE FROM figures WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM figures WHERE resolution = $1 AND start < $2 LIMIT $3))";
const PRODUCT_FIGURES: &str = "DELETE FROM product_figures WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM product_figures WHERE resolution = $1 AND start < $2 LIMIT $3))";
