//! What is read to answer requests.

use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Row};
use uuid::Uuid;

use crate::model::Neighbour;

/// A product and what to call it.
#[derive(FromRow)]
pub struct Named {
    /// The product.
    pub sku: String,
    /// Its name; the SKU until the catalog has told it.
    pub name: String,
}

/// A product with its name.
pub async fn named(pool: &PgPool, sku: String) -> sqlx::Result<Named> {
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM products WHERE sku = $1")
        .bind(&sku)
        .fetch_optional(pool)
        .await?;
    Ok(Named { name: name.unwrap_or_else(|| sku.clone()), sku })
}

/// So many of the products in a cart, the last that came in first.
pub async fn last_items(pool: &PgPool, cart: Uuid, limit: i64) -> sqlx::Result<Vec<Named>> {
    sqlx::query_as(
        "SELECT item.sku, coalesce(product.name, item.sku) AS name
         FROM cart_items AS item LEFT JOIN products AS product ON product.sku = item.sku
         WHERE item.cart_id = $1
         ORDER BY item.place DESC, item.sku
         LIMIT $2",
    )
    .bind(cart)
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// For each of these products at least the `limit` that were met with it in the most carts, ties by SKU; without
/// those that are retired, or in the cart that is given.
pub async fn neighbours(
    pool: &PgPool,
    skus: &[&str],
    cart: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<Neighbour>> {
    // A higher level means more carts: sorting by it first changes nothing but lets the index begin, and stop early.
    sqlx::query_as(
        "SELECT asked.sku AS of, met.sku, met.name, met.carts
         FROM unnest($1::text[]) AS asked (sku)
         CROSS JOIN LATERAL (
             (SELECT product.sku, product.name, pairs.carts
              FROM pairs JOIN products AS product ON product.sku = pairs.other AND NOT product.retired
              WHERE pairs.sku = asked.sku
                AND pairs.other NOT IN (SELECT sku FROM cart_items WHERE cart_id = $2)
              ORDER BY pairs.level DESC, pairs.carts DESC, pairs.other
              LIMIT $3)
             UNION ALL
             (SELECT product.sku, product.name, pairs.carts
              FROM pairs JOIN products AS product ON product.sku = pairs.sku AND NOT product.retired
              WHERE pairs.other = asked.sku
                AND pairs.sku NOT IN (SELECT sku FROM cart_items WHERE cart_id = $2)
              ORDER BY pairs.level DESC, pairs.carts DESC, pairs.sku
              LIMIT $3)
         ) AS met",
    )
    .bind(skus)
    .bind(cart)
    .bind(limit)
    .fetch_all(pool)
    .await
}

impl FromRow<'_, PgRow> for Neighbour {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            of: row.try_get("of")?,
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            carts: row.try_get("carts")?,
        })
    }
}
