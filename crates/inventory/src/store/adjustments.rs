use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The advisory lock of those who adjust stock; a number that nothing else in this database uses.
const ADJUSTMENTS_LOCK: i64 = 0x6164_6a75_7374;

/// Pieces that were found, lost, broken, or given away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Adjustment {
    /// Later adjustments have greater numbers; there may be gaps.
    pub number: i64,
    /// The caller's own name for it.
    pub reference: String,
    pub reason: String,
    pub location: String,
    pub adjusted_at: DateTime<Utc>,
    /// How many pieces more, or fewer, by SKU.
    pub items: BTreeMap<String, i64>,
}

type Row = (i64, String, String, DateTime<Utc>, Vec<String>, Vec<i64>);

/// Lets nobody else adjust stock until the transaction ends, so that a reference is taken by one.
pub(crate) async fn lock_adjustments(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(ADJUSTMENTS_LOCK).execute(connection).await?;
    Ok(())
}

/// The adjustment with this reference.
pub(crate) async fn find_adjustment(
    connection: &mut PgConnection,
    reference: &str,
) -> sqlx::Result<Option<Adjustment>> {
    let select = "SELECT number, reason, location, adjusted_at,
            ARRAY(SELECT sku FROM movements WHERE adjustment = adjustments.number ORDER BY sku),
            ARRAY(SELECT pieces FROM movements WHERE adjustment = adjustments.number ORDER BY sku)
         FROM adjustments WHERE reference = $1";
    let row: Option<Row> = sqlx::query_as(select).bind(reference).fetch_optional(connection).await?;
    Ok(row.map(|(number, reason, location, adjusted_at, skus, pieces)| {
        let items = skus.into_iter().zip(pieces).collect();
        Adjustment { number, reference: reference.to_owned(), reason, location, adjusted_at, items }
    }))
}

/// Writes an adjustment whose reference is new; its items are in the ledger. The caller holds the
/// [lock](lock_adjustments).
pub(crate) async fn insert_adjustment(
    connection: &mut PgConnection,
    reference: &str,
    reason: &str,
    location: &str,
) -> sqlx::Result<(i64, DateTime<Utc>)> {
    let insert = "INSERT INTO adjustments (reference, reason, location, adjusted_at)
         VALUES ($1, $2, $3, bus.now()) RETURNING number, adjusted_at";
    sqlx::query_as(insert).bind(reference).bind(reason).bind(location).fetch_one(connection).await
}
