use chrono::{DateTime, Utc};
use events::Money;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use super::stored::money;

/// A price that a product has or had.
#[derive(Clone, Debug)]
pub struct Price {
    /// From when it counts, until the next one.
    pub since: DateTime<Utc>,
    /// How much.
    pub price: Money,
}

/// At most `limit` prices of a product, the newest first, before this time; none: there is no such product.
pub async fn prices(
    pool: &PgPool,
    sku: &str,
    before: Option<DateTime<Utc>>,
    limit: usize,
) -> sqlx::Result<Option<Vec<Price>>> {
    let select = "SELECT since, amount, currency FROM prices
                  WHERE sku = $1 AND since < coalesce($2, 'infinity') ORDER BY since DESC LIMIT $3";
    let prices = sqlx::query(select).bind(sku).bind(before).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let read = |row: PgRow| Ok(Price { since: row.try_get("since")?, price: money(&row)? });
    let prices = prices.try_map(read).fetch_all(pool).await?;
    if !prices.is_empty() {
        return Ok(Some(prices));
    }
    let is_known = sqlx::query_scalar("SELECT EXISTS (SELECT FROM products WHERE sku = $1)");
    let is_known: bool = is_known.bind(sku).fetch_one(pool).await?;
    Ok(is_known.then_some(prices))
}
