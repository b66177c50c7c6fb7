//! The ledger.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::{columns, in_index_order};
use sqlx::{FromRow, PgConnection, PgPool};

use crate::stock::{Reason, Stock, movements};

/// An entry of the ledger.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Entry {
    /// Later entries have greater numbers; there may be gaps.
    pub number: i64,
    pub location: String,
    pub kind: String,
    /// How many pieces more, or fewer.
    pub pieces: i64,
    /// How many there are at the location after it.
    pub on_hand: i64,
    pub reference: Option<String>,
    pub reason: Option<String>,
    pub moved_at: DateTime<Utc>,
}

/// Writes down what is different on hand; the rows of these SKUs' stock are locked. What others changed before without
/// writing it down comes first, so that the ledger adds up.
pub(crate) async fn record(
    connection: &mut PgConnection,
    before: &BTreeMap<String, Stock>,
    after: &BTreeMap<String, Stock>,
    reason: Reason,
) -> sqlx::Result<()> {
    let moved = movements(before, after);
    if moved.is_empty() {
        return Ok(());
    }
    let (receipt, adjustment) = match reason {
        Reason::Receipt(number) => (Some(number), None),
        Reason::Adjustment(number) => (None, Some(number)),
        Reason::Count | Reason::Unrecorded => (None, None),
    };
    let insert = sqlx::query(
        "WITH moved AS MATERIALIZED (
             SELECT moved.*, coalesce(last.on_hand, 0) AS recorded
             FROM unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[])
                  WITH ORDINALITY AS moved (sku, location, before, after, nth)
             LEFT JOIN LATERAL (
                 SELECT on_hand FROM movements
                 WHERE movements.sku = moved.sku AND movements.location = moved.location
                 ORDER BY number DESC LIMIT 1
             ) AS last ON true
         )
         INSERT INTO movements (sku, location, kind, pieces, on_hand, receipt, adjustment, moved_at)
         SELECT sku, location, kind, pieces, on_hand, receipt, adjustment, bus.now() FROM (
             SELECT sku, location, 'unrecorded' AS kind, before - recorded AS pieces, before AS on_hand,
                    NULL::bigint AS receipt, NULL::bigint AS adjustment, nth, 0 AS step
             FROM moved WHERE before <> recorded
             UNION ALL
             SELECT sku, location, $1, after - before, after, $2, $3, nth, 1 FROM moved
         ) AS entry ORDER BY nth, step",
    );
    let insert = insert.bind(reason.kind()).bind(receipt).bind(adjustment);
    columns!(insert, for one in moved => one.sku, one.location, one.before, one.after)
        .execute(connection)
        .await?;
    Ok(())
}

/// At most `limit` entries of an SKU before this number, the newest first.
pub(crate) async fn movements_of(
    pool: &PgPool,
    sku: &str,
    before: i64,
    limit: usize,
) -> sqlx::Result<Vec<Entry>> {
    let mut transaction = in_index_order(pool).await?;
    let entries = sqlx::query_as(
        "SELECT movements.number, movements.location, kind, pieces, on_hand, moved_at, reason,
                coalesce(receipts.reference, adjustments.reference) AS reference
         FROM movements
         LEFT JOIN LATERAL (SELECT reference FROM receipts WHERE number = receipt OFFSET 0) AS receipts ON true
         LEFT JOIN LATERAL (SELECT reference, reason FROM adjustments WHERE number = adjustment OFFSET 0) AS adjustments ON true
         WHERE sku = $1 AND movements.number < $2 ORDER BY movements.number DESC LIMIT $3",
    )
    .bind(sku)
    .bind(before)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&mut *transaction)
    .await?;
    transaction.rollback().await?;
    Ok(entries)
}

/// A difference between the ledger and the stock.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct LedgerDifference {
    /// The product.
    pub sku: String,
    /// Where.
    pub location: String,
    /// How many pieces the stock has on hand there.
    pub on_hand: i64,
    /// How many the ledger adds up to.
    pub recorded: i64,
}

/// Where the ledger doesn't add up to the stock, at most ten; nothing where all is well.
///
/// # Errors
/// When the database can't be read.
pub async fn ledger_differences(connection: &mut PgConnection) -> sqlx::Result<Vec<LedgerDifference>> {
    sqlx::query_as(
        "WITH counted AS (
             SELECT sku, 'main' AS location,
                    (on_hand - coalesce((SELECT sum(value::bigint) FROM jsonb_each_text(on_hand_elsewhere)), 0))::bigint
                        AS on_hand
             FROM stock
             UNION ALL
             SELECT sku, place.key, place.value::bigint FROM stock, jsonb_each_text(on_hand_elsewhere) AS place
         ), added_up AS (
             SELECT sku, location, sum(pieces)::bigint AS recorded FROM movements GROUP BY sku, location
         )
         SELECT sku, location, coalesce(on_hand, 0) AS on_hand, coalesce(recorded, 0) AS recorded
         FROM counted FULL JOIN added_up USING (sku, location)
         WHERE coalesce(on_hand, 0) <> coalesce(recorded, 0) ORDER BY sku, location LIMIT 10",
    )
    .fetch_all(connection)
    .await
}
