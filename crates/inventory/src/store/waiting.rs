//! Who waits for an SKU, and who holds it.

use std::collections::BTreeMap;

use service::{columns, in_index_order};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::holds::Row;
use crate::stock::{CartLine, Hold};

/// The first lines that wait for these SKUs, whose stock is locked, this many of each.
pub(crate) async fn waiting_for(
    connection: &mut PgConnection,
    most: &BTreeMap<&str, i64>,
) -> sqlx::Result<Vec<(CartLine, Hold)>> {
    let select = sqlx::query_as(
        "SELECT hold.* FROM unnest($1::text[], $2::bigint[]) AS wanted (sku, most)
         CROSS JOIN LATERAL (
             SELECT cart_id, sku, wanted, held, held_elsewhere, place, waits_since, lapsed, since FROM holds
             WHERE holds.sku = wanted.sku AND place IS NOT NULL ORDER BY place LIMIT wanted.most
         ) AS hold",
    );
    let rows: Vec<Row> =
        columns!(select, for (sku, most) in most => *sku, *most).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The newest lines that hold something of these SKUs, whose stock is locked, this many of each.
pub(crate) async fn newest_of(
    connection: &mut PgConnection,
    most: &BTreeMap<&str, i64>,
) -> sqlx::Result<Vec<(CartLine, Hold)>> {
    let select = sqlx::query_as(
        "SELECT hold.* FROM unnest($1::text[], $2::bigint[]) AS wanted (sku, most)
         CROSS JOIN LATERAL (
             SELECT cart_id, sku, wanted, held, held_elsewhere, place, waits_since, lapsed, since FROM holds
             WHERE holds.sku = wanted.sku AND held > 0 ORDER BY since DESC NULLS LAST, cart_id DESC LIMIT wanted.most
         ) AS hold",
    );
    let rows: Vec<Row> =
        columns!(select, for (sku, most) in most => *sku, *most).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// At most `limit` lines of an SKU after that of this cart: those that wait, in their order, then the others.
pub(crate) async fn holds_of_sku(
    pool: &PgPool,
    sku: &str,
    after: Option<Uuid>,
    limit: usize,
) -> sqlx::Result<Vec<(CartLine, Hold)>> {
    let select =
        "SELECT cart_id, sku, wanted, held, held_elsewhere, place, waits_since, lapsed, since FROM holds
         WHERE sku = $1 AND ($2::uuid IS NULL OR (coalesce(place, $4), cart_id)
             > (coalesce((SELECT place FROM holds WHERE cart_id = $2 AND sku = $1), $4), $2))
         ORDER BY place, cart_id LIMIT $3";
    let mut transaction = in_index_order(pool).await?;
    let rows: Vec<Row> = sqlx::query_as(select)
        .bind(sku)
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        // Places come before those that have none.
        .bind(i64::MAX)
        .fetch_all(&mut *transaction)
        .await?;
    transaction.rollback().await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The SKUs of which something is free while lines wait for it.
pub(crate) async fn free_and_waited_for(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    // From one SKU to the next, however many lines wait for each.
    let select = "WITH RECURSIVE waited_for AS (
             (SELECT sku FROM holds WHERE place IS NOT NULL ORDER BY sku LIMIT 1)
             UNION ALL
             SELECT next.sku FROM waited_for CROSS JOIN LATERAL (
                 SELECT sku FROM holds WHERE place IS NOT NULL AND holds.sku > waited_for.sku ORDER BY sku LIMIT 1
             ) AS next
         )
         SELECT waited_for.sku FROM waited_for CROSS JOIN LATERAL (
             SELECT on_hand - held AS free FROM stock WHERE stock.sku = waited_for.sku OFFSET 0
         ) AS stock WHERE free > 0";
    sqlx::query_scalar(select).fetch_all(executor).await
}
