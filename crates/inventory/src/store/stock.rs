use std::collections::BTreeMap;

use service::columns;
use sqlx::{PgConnection, PgExecutor};

use crate::stock::Stock;

/// The stock of an SKU, or `None` if it was never stocked.
pub(crate) async fn stock_of(executor: impl PgExecutor<'_>, sku: &str) -> sqlx::Result<Option<Stock>> {
    let row: Option<(i64, i64, bool)> =
        sqlx::query_as("SELECT on_hand, held, counted FROM stock WHERE sku = $1")
            .bind(sku)
            .fetch_optional(executor)
            .await?;
    Ok(row.map(|(on_hand, held, counted)| Stock { on_hand, held, counted }))
}

/// The stock of these SKUs, as it is committed.
pub(crate) async fn all_stock(
    executor: impl PgExecutor<'_>,
    skus: &[String],
) -> sqlx::Result<Vec<(String, Stock)>> {
    let select = "SELECT sku, on_hand, held, counted FROM stock WHERE sku = ANY($1) ORDER BY sku";
    let rows: Vec<(String, i64, i64, bool)> = sqlx::query_as(select).bind(skus).fetch_all(executor).await?;
    let stock = |(sku, on_hand, held, counted)| (sku, Stock { on_hand, held, counted });
    Ok(rows.into_iter().map(stock).collect())
}

/// Locks the stock of these SKUs until the transaction ends, and reads it. An unknown SKU gets an empty row.
pub(crate) async fn lock_stock(
    connection: &mut PgConnection,
    skus: &[&str],
) -> sqlx::Result<BTreeMap<String, Stock>> {
    // Before any row is locked: to create rows later could mean to wait for a transaction that waits for a row of ours.
    sqlx::query(
        "INSERT INTO stock (sku, on_hand, held)
         SELECT sku, 0, 0 FROM unnest($1::text[]) AS wanted (sku) ORDER BY sku
         ON CONFLICT DO NOTHING",
    )
    .bind(skus)
    .execute(&mut *connection)
    .await?;
    let rows: Vec<(String, i64, i64, bool)> = sqlx::query_as(
        "SELECT sku, on_hand, held, counted FROM stock WHERE sku = ANY($1) ORDER BY sku FOR UPDATE",
    )
    .bind(skus)
    .fetch_all(connection)
    .await?;
    let stock = |(sku, on_hand, held, counted)| (sku, Stock { on_hand, held, counted });
    Ok(rows.into_iter().map(stock).collect())
}

/// Writes the stock of SKUs whose rows are locked.
pub(crate) async fn save_stock(connection: &mut PgConnection, stock: &[(&str, Stock)]) -> sqlx::Result<()> {
    if stock.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "WITH changed AS MATERIALIZED (
             SELECT changed.*, stock.row
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[]) AS changed (sku, on_hand, held, counted)
             CROSS JOIN LATERAL (SELECT ctid AS row FROM stock WHERE stock.sku = changed.sku OFFSET 0) AS stock
         )
         UPDATE stock SET on_hand = changed.on_hand, held = changed.held, counted = changed.counted
         FROM changed WHERE stock.ctid = changed.row",
    );
    columns!(update, for (sku, stock) in stock => *sku, stock.on_hand, stock.held, stock.counted)
        .execute(connection)
        .await?;
    Ok(())
}
