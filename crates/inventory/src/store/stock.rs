use std::collections::{BTreeMap, BTreeSet};

use service::columns;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor};

use super::known_skus::KnownSkus;
use crate::stock::{Pieces, Stock};

/// What is not at the main location.
pub(super) type Elsewhere = Option<Json<BTreeMap<String, i64>>>;

#[derive(FromRow)]
struct Row {
    sku: String,
    on_hand: i64,
    held: i64,
    counted: bool,
    low_at: Option<i64>,
    on_hand_elsewhere: Elsewhere,
    held_elsewhere: Elsewhere,
}

/// The columns of a [`Row`].
macro_rules! select_stock {
    ($rest:literal) => {
        concat!(
            "SELECT sku, on_hand, held, counted, low_at, on_hand_elsewhere, held_elsewhere FROM stock ",
            $rest
        )
    };
}

impl From<Row> for (String, Stock) {
    fn from(row: Row) -> Self {
        let on_hand = pieces(row.on_hand, row.on_hand_elsewhere);
        let held = pieces(row.held, row.held_elsewhere);
        (row.sku, Stock { on_hand, held, counted: row.counted, low_at: row.low_at })
    }
}

pub(super) fn pieces(total: i64, elsewhere: Elsewhere) -> Pieces {
    Pieces::new(total, elsewhere.map(|Json(elsewhere)| elsewhere).unwrap_or_default())
}

pub(super) fn elsewhere(pieces: &Pieces) -> Elsewhere {
    (!pieces.elsewhere().is_empty()).then(|| Json(pieces.elsewhere().clone()))
}

/// The stock of those of these SKUs that were ever stocked, as it is committed.
pub(crate) async fn stock_of(
    executor: impl PgExecutor<'_>,
    skus: &[&str],
) -> sqlx::Result<BTreeMap<String, Stock>> {
    let select = "SELECT stock.* FROM unnest($1::text[]) AS wanted (sku)
         CROSS JOIN LATERAL (
             SELECT sku, on_hand, held, counted, low_at, on_hand_elsewhere, held_elsewhere FROM stock
             WHERE stock.sku = wanted.sku OFFSET 0
         ) AS stock";
    let rows: Vec<Row> = sqlx::query_as(select).bind(skus).fetch_all(executor).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The stock of at most `limit` SKUs after this one, in their order.
pub(crate) async fn stock_after(
    executor: impl PgExecutor<'_>,
    sku: &str,
    limit: i64,
) -> sqlx::Result<Vec<(String, Stock)>> {
    let select = select_stock!("WHERE sku > $1 ORDER BY sku LIMIT $2");
    let rows: Vec<Row> = sqlx::query_as(select).bind(sku).bind(limit).fetch_all(executor).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Locks the stock of these SKUs until the transaction ends, and reads it. An unknown SKU gets an empty row.
pub(crate) async fn lock_stock(
    connection: &mut PgConnection,
    skus: &BTreeSet<&str>,
    known: &KnownSkus,
) -> sqlx::Result<BTreeMap<String, Stock>> {
    let skus: Vec<&str> = skus.iter().copied().collect();
    let unknown = known.others(&skus);
    // Before any row is locked: to create rows later could mean to wait for a transaction that waits for a row of ours.
    let mut created = create(connection, &unknown).await?;
    let mut rows = lock(connection, &skus).await?;
    if rows.len() < skus.len() {
        // Somebody deleted rows, against the rule.
        known.forget();
        created.extend(create(connection, &skus).await?);
        rows = lock(connection, &skus).await?;
    }
    known.add(rows.iter().map(|row| &row.sku).filter(|sku| !created.contains(*sku)));
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Creates the rows that are missing, and returns their SKUs.
async fn create(connection: &mut PgConnection, skus: &[&str]) -> sqlx::Result<BTreeSet<String>> {
    if skus.is_empty() {
        return Ok(BTreeSet::new());
    }
    let insert = "INSERT INTO stock (sku, on_hand, held)
         SELECT sku, 0, 0 FROM unnest($1::text[]) AS wanted (sku) ORDER BY sku
         ON CONFLICT DO NOTHING RETURNING sku";
    let created: Vec<String> = sqlx::query_scalar(insert).bind(skus).fetch_all(connection).await?;
    Ok(created.into_iter().collect())
}

async fn lock(connection: &mut PgConnection, skus: &[&str]) -> sqlx::Result<Vec<Row>> {
    let select = select_stock!("WHERE sku = ANY($1) ORDER BY sku FOR UPDATE");
    sqlx::query_as(select).bind(skus).fetch_all(connection).await
}

/// Writes the stock of SKUs whose rows are locked.
pub(crate) async fn save_stock(connection: &mut PgConnection, stock: &[(&str, &Stock)]) -> sqlx::Result<()> {
    if stock.is_empty() {
        return Ok(());
    }
    let update = sqlx::query(
        "WITH changed AS MATERIALIZED (
             SELECT changed.*, stock.row
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[], $5::jsonb[], $6::jsonb[])
                  AS changed (sku, on_hand, held, counted, on_hand_elsewhere, held_elsewhere)
             CROSS JOIN LATERAL (SELECT ctid AS row FROM stock WHERE stock.sku = changed.sku OFFSET 0) AS stock
         )
         UPDATE stock SET on_hand = changed.on_hand, held = changed.held, counted = changed.counted,
             on_hand_elsewhere = changed.on_hand_elsewhere, held_elsewhere = changed.held_elsewhere
         FROM changed WHERE stock.ctid = changed.row",
    );
    let (on_hand, held) = (|stock: &Stock| stock.on_hand.total(), |stock: &Stock| stock.held.total());
    columns!(update, for (sku, stock) in stock => *sku, on_hand(stock), held(stock), stock.counted,
             elsewhere(&stock.on_hand), elsewhere(&stock.held))
    .execute(connection)
    .await?;
    Ok(())
}

/// Says with how few available an SKU is low; none for what the service's setting says. Its row is locked.
pub(crate) async fn save_low_at(
    connection: &mut PgConnection,
    low_at: &[(&str, Option<i64>)],
) -> sqlx::Result<()> {
    let update = sqlx::query(
        "UPDATE stock SET low_at = said.low_at FROM unnest($1::text[], $2::bigint[]) AS said (sku, low_at)
         WHERE stock.sku = said.sku AND stock.sku = ANY (ARRAY(SELECT unnest($1::text[])))",
    );
    columns!(update, for (sku, low_at) in low_at => *sku, *low_at).execute(connection).await?;
    Ok(())
}
