//! What is in the carts.

use sqlx::PgConnection;
use uuid::Uuid;

/// A product in a cart, as a batch of events leaves it.
pub struct Line<'a> {
    /// The cart.
    pub cart: Uuid,
    /// The product.
    pub sku: &'a str,
    /// How many pieces.
    pub quantity: i64,
    /// The cart's version at which it came, if it came in this batch.
    pub came: Option<i64>,
}

/// Writes lines as they are now. One that was there keeps its place.
pub async fn write_lines(connection: &mut PgConnection, lines: &[Line<'_>]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO cart_items (cart_id, sku, quantity, place)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE
         SET quantity = EXCLUDED.quantity,
             place = CASE WHEN EXCLUDED.place > 0 THEN EXCLUDED.place ELSE cart_items.place END",
    )
    .bind(lines.iter().map(|line| line.cart).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.sku).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.quantity).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.came.unwrap_or_default()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes lines that are gone from their carts.
pub async fn delete_lines(connection: &mut PgConnection, lines: &[(Uuid, &str)]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let (carts, skus): (Vec<Uuid>, Vec<&str>) = lines.iter().copied().unzip();
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
