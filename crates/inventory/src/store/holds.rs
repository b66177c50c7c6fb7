use std::collections::{BTreeMap, BTreeSet};

use service::{columns, delete_rows};
use sqlx::PgConnection;
use uuid::Uuid;

use super::stock::{lock_stock, save_stock};
use crate::stock::{CartLine, Hold, Stock, Warehouse};

/// Locks the part of the warehouse that these lines are about, and reads it.
pub(crate) async fn lock_warehouse(
    connection: &mut PgConnection,
    lines: &BTreeSet<&CartLine>,
) -> sqlx::Result<Warehouse> {
    let skus: BTreeSet<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
    lock_warehouse_of(connection, &skus, lines).await
}

/// Locks a part of the warehouse and reads it; the lines' SKUs are among these.
pub(crate) async fn lock_warehouse_of(
    connection: &mut PgConnection,
    skus: &BTreeSet<&str>,
    lines: &BTreeSet<&CartLine>,
) -> sqlx::Result<Warehouse> {
    let stock = lock_stock(connection, &skus.iter().copied().collect::<Vec<_>>()).await?;
    // Not before the locks are held: they are what keeps the holds from changing.
    let holds = holds_of(connection, lines).await?;
    Ok(Warehouse { stock, holds })
}

async fn holds_of(
    connection: &mut PgConnection,
    lines: &BTreeSet<&CartLine>,
) -> sqlx::Result<BTreeMap<CartLine, Hold>> {
    let select = sqlx::query_as(
        "SELECT hold.* FROM unnest($1::uuid[], $2::text[]) AS line (cart_id, sku)
         CROSS JOIN LATERAL (
             SELECT cart_id, sku, wanted, held FROM holds
             WHERE holds.cart_id = line.cart_id AND holds.sku = line.sku OFFSET 0
         ) AS hold",
    );
    let select = columns!(select, for line in lines => line.cart_id, line.sku.as_str());
    let rows: Vec<(Uuid, String, i64, i64)> = select.fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(cart_id, sku, wanted, held)| (CartLine { cart_id, sku }, Hold { wanted, held }))
        .collect())
}

/// The SKUs that these carts hold something of.
pub(crate) async fn held_for(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<BTreeMap<Uuid, BTreeSet<String>>> {
    let select = sqlx::query_as("SELECT cart_id, sku FROM holds WHERE cart_id = ANY($1)").bind(carts);
    let mut held: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for (cart_id, sku) in select.fetch_all(connection).await? {
        held.entry(cart_id).or_default().insert(sku);
    }
    Ok(held)
}

/// All holds of these carts.
pub(crate) async fn all_holds(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<Vec<(CartLine, Hold)>> {
    let select = "SELECT cart_id, sku, wanted, held FROM holds WHERE cart_id = ANY($1) ORDER BY cart_id, sku";
    let rows: Vec<(Uuid, String, i64, i64)> =
        sqlx::query_as(select).bind(carts).fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(cart_id, sku, wanted, held)| (CartLine { cart_id, sku }, Hold { wanted, held }))
        .collect())
}

/// Writes what is different after the change of a part of the warehouse that is locked.
pub(crate) async fn save_warehouse(
    connection: &mut PgConnection,
    before: &Warehouse,
    after: &Warehouse,
) -> sqlx::Result<()> {
    let stock: Vec<(&str, Stock)> = after
        .stock
        .iter()
        .filter(|(sku, stock)| before.stock.get(*sku) != Some(stock))
        .map(|(sku, stock)| (sku.as_str(), *stock))
        .collect();
    let changed: Vec<(&CartLine, Hold)> = after
        .holds
        .iter()
        .filter(|(line, hold)| before.holds.get(line) != Some(hold))
        .map(|(line, hold)| (line, *hold))
        .collect();
    let gone: Vec<&CartLine> = before.holds.keys().filter(|line| !after.holds.contains_key(line)).collect();
    save_stock(connection, &stock).await?;
    upsert(connection, &changed).await?;
    delete(connection, &gone).await
}

async fn upsert(connection: &mut PgConnection, holds: &[(&CartLine, Hold)]) -> sqlx::Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO holds (cart_id, sku, wanted, held)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE SET wanted = EXCLUDED.wanted, held = EXCLUDED.held",
    );
    columns!(upsert, for (line, hold) in holds => line.cart_id, line.sku.as_str(), hold.wanted, hold.held)
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete(connection: &mut PgConnection, lines: &[&CartLine]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let delete = sqlx::query(delete_rows!("holds", ("cart_id", "uuid"), ("sku", "text")));
    columns!(delete, for line in lines => line.cart_id, line.sku.as_str()).execute(connection).await?;
    Ok(())
}
