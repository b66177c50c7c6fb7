use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::columns;
use sqlx::{PgConnection, PgExecutor};

/// The advisory lock of those who write receipts; a number that nothing else in this database uses.
const RECEIPTS_LOCK: i64 = 0x7265_6365_6970_7473;

/// Goods that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Later receipts have greater numbers; there may be gaps.
    pub number: i64,
    /// The caller's own name for it.
    pub reference: String,
    /// When it was taken.
    pub received_at: DateTime<Utc>,
    /// Where to.
    pub location: String,
    /// Pieces per SKU.
    pub items: BTreeMap<String, i64>,
}

type Row = (i64, String, DateTime<Utc>, String, Vec<String>, Vec<i64>);

impl From<Row> for Receipt {
    fn from((number, reference, received_at, location, skus, quantities): Row) -> Self {
        let items = skus.into_iter().zip(quantities).collect();
        Self { number, reference, received_at, location, items }
    }
}

/// Receipts with their items, as [`Row`]s.
macro_rules! select_receipts {
    ($which:literal) => {
        concat!(
            "SELECT number, reference, received_at, location,
                    ARRAY(SELECT sku FROM receipt_items WHERE receipt = number ORDER BY sku),
                    ARRAY(SELECT quantity FROM receipt_items WHERE receipt = number ORDER BY sku)
             FROM receipts ",
            $which
        )
    };
}

/// Lets nobody else write receipts until the transaction ends. So a reference is taken by one, and receipts become
/// visible in the order of their numbers: a client that asks for those after the last one it saw misses none.
pub(crate) async fn lock_receipts(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(RECEIPTS_LOCK).execute(connection).await?;
    Ok(())
}

/// The receipt with this reference.
pub(crate) async fn find_receipt(
    connection: &mut PgConnection,
    reference: &str,
) -> sqlx::Result<Option<Receipt>> {
    let row: Option<Row> = sqlx::query_as(select_receipts!("WHERE reference = $1"))
        .bind(reference)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(Receipt::from))
}

/// At most `limit` receipts after this number, the oldest first.
pub(crate) async fn list_receipts(
    executor: impl PgExecutor<'_>,
    after: i64,
    limit: usize,
) -> sqlx::Result<Vec<Receipt>> {
    let rows: Vec<Row> = sqlx::query_as(select_receipts!("WHERE number > $1 ORDER BY number LIMIT $2"))
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(executor)
        .await?;
    Ok(rows.into_iter().map(Receipt::from).collect())
}

/// Writes a receipt whose reference is new. The caller holds the [lock](lock_receipts).
pub(crate) async fn insert_receipt(
    connection: &mut PgConnection,
    reference: &str,
    location: &str,
    items: BTreeMap<String, i64>,
) -> sqlx::Result<Receipt> {
    let insert = "INSERT INTO receipts (reference, location) VALUES ($1, $2) RETURNING number, received_at";
    let (number, received_at): (i64, DateTime<Utc>) =
        sqlx::query_as(insert).bind(reference).bind(location).fetch_one(&mut *connection).await?;
    let insert = sqlx::query("INSERT INTO receipt_items SELECT $1, * FROM unnest($2::text[], $3::bigint[])");
    columns!(insert.bind(number), for (sku, quantity) in items => sku.as_str(), *quantity)
        .execute(connection)
        .await?;
    Ok(Receipt { number, reference: reference.to_owned(), received_at, location: location.to_owned(), items })
}
