//! Copies of what others decided: the catalogue's products and inventory's holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::catalog::ProductChanged;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::reading::{Hold, money};
use crate::cart::Product;

/// The products of these SKUs; unknown ones are left out.
pub(crate) async fn products(
    pool: &PgPool,
    skus: &BTreeSet<String>,
) -> sqlx::Result<HashMap<String, Product>> {
    if skus.is_empty() {
        return Ok(HashMap::new());
    }
    let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
    let rows = sqlx::query("SELECT sku, name, price, currency, retired FROM products WHERE sku = ANY($1)")
        .bind(skus)
        .fetch_all(pool)
        .await?;
    let products = rows.iter().map(|row| {
        let price = money(row.get("price"), row.get("currency"))?;
        Ok((row.get("sku"), Product { name: row.get("name"), price, retired: row.get("retired") }))
    });
    products.collect()
}

/// Takes products over from the catalogue, the last word on each.
pub(crate) async fn products_changed(
    connection: &mut PgConnection,
    products: &BTreeMap<String, ProductChanged>,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO products (sku, name, price, currency)
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
         ON CONFLICT (sku) DO UPDATE SET
             name = EXCLUDED.name, price = EXCLUDED.price, currency = EXCLUDED.currency, retired = false",
    )
    .bind(products.keys().map(String::as_str).collect::<Vec<_>>())
    .bind(products.values().map(|product| product.name.as_str()).collect::<Vec<_>>())
    .bind(products.values().map(|product| product.price.amount).collect::<Vec<_>>())
    .bind(products.values().map(|product| product.price.currency.code()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks products that are not sold any more.
pub(crate) async fn products_retired(
    connection: &mut PgConnection,
    skus: &BTreeSet<String>,
) -> sqlx::Result<()> {
    sqlx::query("UPDATE products SET retired = true WHERE sku = ANY($1)")
        .bind(skus.iter().map(String::as_str).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// What inventory says of a cart's line: its hold, or none any more.
pub(crate) type HoldChange = Option<Hold>;

/// Takes holds over from inventory, the last word on each line.
pub(crate) async fn holds_changed(
    connection: &mut PgConnection,
    changes: &BTreeMap<(Uuid, String), HoldChange>,
) -> sqlx::Result<()> {
    let there: Vec<_> = changes.iter().filter_map(|(key, hold)| Some((key, (*hold)?))).collect();
    let gone: Vec<_> = changes.iter().filter(|(_, hold)| hold.is_none()).map(|(key, _)| key).collect();
    sqlx::query(
        "INSERT INTO holds (cart_id, sku, wanted, held)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE SET wanted = EXCLUDED.wanted, held = EXCLUDED.held",
    )
    .bind(there.iter().map(|(key, _)| key.0).collect::<Vec<_>>())
    .bind(there.iter().map(|(key, _)| key.1.as_str()).collect::<Vec<_>>())
    .bind(there.iter().map(|(_, hold)| hold.wanted).collect::<Vec<_>>())
    .bind(there.iter().map(|(_, hold)| hold.held).collect::<Vec<_>>())
    .execute(&mut *connection)
    .await?;
    if !gone.is_empty() {
        sqlx::query(
            "DELETE FROM holds WHERE (cart_id, sku) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))",
        )
        .bind(gone.iter().map(|key| key.0).collect::<Vec<_>>())
        .bind(gone.iter().map(|key| key.1.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Empties the copies of what other services told. The carts themselves are nobody's copy.
pub(crate) async fn forget_copies(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM products").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM suggestions").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM holds").execute(connection).await?;
    Ok(())
}
