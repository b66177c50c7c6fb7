//! What is in the carts: recommend's own copy.

use std::collections::{BTreeMap, BTreeSet};

use service::{columns, delete_rows};
use sqlx::PgConnection;
use uuid::Uuid;

/// A product in a cart, as a batch of events leaves it.
pub struct CartItem<'a> {
    /// The cart.
    pub cart: Uuid,
    /// The product.
    pub sku: &'a str,
    /// How many pieces.
    pub quantity: i64,
    /// The cart's version at which it was added, if that was in this batch.
    pub added_at: Option<i64>,
}

/// Writes items as they are now. One that was in the cart before keeps its place.
pub async fn write_items(connection: &mut PgConnection, items: &[CartItem<'_>]) -> sqlx::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO cart_items (cart_id, sku, quantity, place)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE
         SET quantity = EXCLUDED.quantity,
             place = CASE WHEN EXCLUDED.place > 0 THEN EXCLUDED.place ELSE cart_items.place END",
    );
    columns!(
        upsert,
        for item in items => item.cart, item.sku, item.quantity, item.added_at.unwrap_or_default(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes items that were removed from their carts.
pub async fn delete_items(connection: &mut PgConnection, items: &[(Uuid, &str)]) -> sqlx::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let delete = sqlx::query(delete_rows!("cart_items", ("cart_id", "uuid"), ("sku", "text")));
    columns!(delete, for (cart_id, sku) in items => *cart_id, *sku).execute(connection).await?;
    Ok(())
}

/// The SKUs of what is in these carts.
pub async fn skus_in(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<BTreeMap<Uuid, BTreeSet<String>>> {
    let select = sqlx::query_as("SELECT cart_id, sku FROM cart_items WHERE cart_id = ANY($1)").bind(carts);
    let mut skus: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for (cart_id, sku) in select.fetch_all(connection).await? {
        skus.entry(cart_id).or_default().insert(sku);
    }
    Ok(skus)
}

/// The versions at which something was added last to these carts.
pub async fn cart_versions(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<BTreeMap<Uuid, i64>> {
    let select = "SELECT cart_id, max(place) FROM cart_items WHERE cart_id = ANY($1) GROUP BY cart_id";
    Ok(sqlx::query_as(select).bind(carts).fetch_all(connection).await?.into_iter().collect())
}
