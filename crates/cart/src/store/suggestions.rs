//! The copy of what recommend suggests.

use std::collections::BTreeMap;

use events::Money;
use events::recommend::Suggested;
use service::{columns, upserts_and_deletes};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::money::money;
use super::products::PRODUCTS;

/// A product that goes with a cart, by the cart's own copy of the catalogue.
pub(crate) struct Suggestion {
    pub sku: String,
    pub name: String,
    pub unit_price: Money,
    /// The product of the cart that it is suggested for.
    pub because_of: Option<String>,
}

/// Copies suggestions from recommend, each cart's as they were last reported, and deletes those of carts that have ended,
/// which have none here.
pub(crate) async fn suggestions_changed(
    connection: &mut PgConnection,
    lists: &BTreeMap<Uuid, Option<Vec<Suggested>>>,
) -> sqlx::Result<()> {
    let (known, ended) = upserts_and_deletes(lists);
    if !ended.is_empty() {
        let delete = sqlx::query("DELETE FROM suggestions WHERE cart_id = ANY($1)");
        delete.bind(ended).execute(&mut *connection).await?;
    }
    if known.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO suggestions (cart_id, list) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
         ON CONFLICT (cart_id) DO UPDATE SET list = EXCLUDED.list",
    );
    columns!(upsert, for (cart_id, list) in &known => **cart_id, Json(*list)).execute(connection).await?;
    Ok(())
}

/// The products suggested for a cart, the strongest first: those that are sold, and not in the cart by now.
pub(crate) async fn suggestions(pool: &PgPool, cart: Uuid) -> sqlx::Result<Vec<Suggestion>> {
    let rows = sqlx::query(
        "SELECT product.sku, product.name, product.price, product.currency, suggested.because_of
         FROM suggestions
         CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(list) AS (sku text, because_of text))
              WITH ORDINALITY AS suggested (sku, because_of, place)
         CROSS JOIN LATERAL (SELECT * FROM products WHERE products.sku = suggested.sku OFFSET 0) AS product
         LEFT JOIN LATERAL (
             SELECT true AS exists FROM lines WHERE lines.cart_id = $1 AND lines.sku = suggested.sku OFFSET 0
         ) AS line ON true
         WHERE suggestions.cart_id = $1 AND NOT product.retired AND line.exists IS NULL
         ORDER BY suggested.place",
    )
    .bind(cart)
    .fetch_all(pool)
    .await?;
    let suggestion = |row: &sqlx::postgres::PgRow| {
        Ok(Suggestion {
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            unit_price: money(row.try_get("price")?, row.try_get("currency")?)?,
            because_of: row.try_get("because_of")?,
        })
    };
    Ok(PRODUCTS.read(&rows, suggestion))
}
