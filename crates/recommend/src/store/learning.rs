//! What is written as events arrive: a few statements for a batch.

use std::collections::BTreeSet;

use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use crate::model::{Item, Pairs};

/// A product in a cart.
pub struct Row {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// The rest of it.
    pub item: Item,
}

/// The items that are to change, as far as they are there, and all that taught in the same carts.
pub async fn items(
    connection: &mut PgConnection,
    touched: &BTreeSet<(Uuid, &str)>,
) -> sqlx::Result<Vec<Row>> {
    let (carts, skus): (Vec<Uuid>, Vec<&str>) = touched.iter().copied().unzip();
    let rows = sqlx::query(
        "SELECT cart_id, sku, quantity, place, taught FROM cart_items
         WHERE taught AND cart_id IN (SELECT unnest($1::uuid[]))
         UNION ALL
         SELECT cart_id, sku, quantity, place, taught
         FROM unnest($1::uuid[], $2::text[]) AS touched (cart_id, sku) JOIN cart_items USING (cart_id, sku)
         WHERE NOT taught",
    )
    .bind(carts)
    .bind(skus)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(row).collect())
}

fn row(row: &sqlx::postgres::PgRow) -> Row {
    let item = Item { quantity: row.get(2), place: row.get(3), taught: row.get(4) };
    Row { cart_id: row.get(0), sku: row.get(1), item }
}

/// Writes items as they are now.
pub async fn write_items(connection: &mut PgConnection, items: &[(Uuid, &str, Item)]) -> sqlx::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO cart_items (cart_id, sku, quantity, place, taught)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[])
         ON CONFLICT (cart_id, sku) DO UPDATE
         SET quantity = EXCLUDED.quantity, place = EXCLUDED.place, taught = EXCLUDED.taught",
    )
    .bind(items.iter().map(|(cart, _, _)| *cart).collect::<Vec<_>>())
    .bind(items.iter().map(|(_, sku, _)| *sku).collect::<Vec<_>>())
    .bind(items.iter().map(|(_, _, item)| item.quantity).collect::<Vec<_>>())
    .bind(items.iter().map(|(_, _, item)| item.place).collect::<Vec<_>>())
    .bind(items.iter().map(|(_, _, item)| item.taught).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes items that are gone from their carts.
pub async fn delete_items(connection: &mut PgConnection, items: &[(Uuid, &str)]) -> sqlx::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let (carts, skus): (Vec<Uuid>, Vec<&str>) = items.iter().copied().unzip();
    sqlx::query(
        "DELETE FROM cart_items USING unnest($1::uuid[], $2::text[]) AS gone (cart_id, sku)
         WHERE cart_items.cart_id = gone.cart_id AND cart_items.sku = gone.sku",
    )
    .bind(carts)
    .bind(skus)
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds differences to the pairs' numbers. One statement locks all rows, in sorted order, so that two instances
/// can't deadlock; rows that came down to 0 are deleted afterwards, under those locks.
pub async fn add_pairs(connection: &mut PgConnection, pairs: &Pairs) -> sqlx::Result<()> {
    let (mut skus, mut others, mut carts) = (Vec::new(), Vec::new(), Vec::new());
    for (sku, other, number) in pairs.iter() {
        skus.push(sku);
        others.push(other);
        carts.push(number);
    }
    if skus.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO pairs (sku, other, carts)
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS met (sku, other, carts)
         ORDER BY sku COLLATE \"C\", other COLLATE \"C\"
         ON CONFLICT (sku, other) DO UPDATE SET carts = pairs.carts + EXCLUDED.carts",
    )
    .bind(&skus)
    .bind(&others)
    .bind(&carts)
    .execute(&mut *connection)
    .await?;
    delete_unmet(connection, pairs).await
}

async fn delete_unmet(connection: &mut PgConnection, pairs: &Pairs) -> sqlx::Result<()> {
    let fewer = pairs.iter().filter(|(_, _, carts)| *carts < 0);
    let (skus, others): (Vec<&str>, Vec<&str>) = fewer.map(|(sku, other, _)| (sku, other)).unzip();
    if skus.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM pairs USING unnest($1::text[], $2::text[]) AS fewer (sku, other)
         WHERE pairs.sku = fewer.sku AND pairs.other = fewer.other AND pairs.carts = 0",
    )
    .bind(skus)
    .bind(others)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes products as they are now: SKU, name, whether it is retired.
pub async fn write_products(
    connection: &mut PgConnection,
    products: &[(&str, &str, bool)],
) -> sqlx::Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO products (sku, name, retired)
         SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[])
         ON CONFLICT (sku) DO UPDATE SET name = EXCLUDED.name, retired = EXCLUDED.retired",
    )
    .bind(products.iter().map(|(sku, _, _)| *sku).collect::<Vec<_>>())
    .bind(products.iter().map(|(_, name, _)| *name).collect::<Vec<_>>())
    .bind(products.iter().map(|(_, _, retired)| *retired).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Retires products that are known.
pub async fn retire_products(connection: &mut PgConnection, skus: &[&str]) -> sqlx::Result<()> {
    if skus.is_empty() {
        return Ok(());
    }
    sqlx::query("UPDATE products SET retired = true WHERE sku = ANY($1)")
        .bind(skus)
        .execute(connection)
        .await?;
    Ok(())
}

/// Empties everything that was learned.
pub async fn forget(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("TRUNCATE cart_items, pairs, products").execute(connection).await?;
    Ok(())
}
