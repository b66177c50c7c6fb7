//! The copy of what recommend suggests.

use std::collections::BTreeMap;

use events::Money;
use events::recommend::Suggested;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::reading::money;

/// A product that goes with a cart, by the cart's own copy of the catalogue.
pub(crate) struct Suggestion {
    pub sku: String,
    pub name: String,
    pub unit_price: Money,
    /// The product of the cart that it is suggested for.
    pub because_of: Option<String>,
}

/// Takes suggestions over from recommend, the last word on each cart.
pub(crate) async fn suggestions_changed(
    connection: &mut PgConnection,
    lists: &BTreeMap<Uuid, Vec<Suggested>>,
) -> sqlx::Result<()> {
    // Arrays of arrays of different lengths can't be bound: one row for a suggestion, gathered again.
    let rows = lists.iter().flat_map(|(cart, list)| list.iter().map(move |suggested| (*cart, suggested)));
    let rows: Vec<(Uuid, &Suggested)> = rows.collect();
    sqlx::query(
        "INSERT INTO suggestions (cart_id, skus, because_of)
         SELECT list.cart_id, coalesce(array_agg(sku ORDER BY place) FILTER (WHERE sku IS NOT NULL), '{}'),
                coalesce(array_agg(because_of ORDER BY place) FILTER (WHERE sku IS NOT NULL), '{}')
         FROM unnest($1::uuid[]) AS list (cart_id)
         LEFT JOIN unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY
              AS suggested (cart_id, sku, because_of, place) ON suggested.cart_id = list.cart_id
         GROUP BY list.cart_id
         ON CONFLICT (cart_id) DO UPDATE SET skus = EXCLUDED.skus, because_of = EXCLUDED.because_of",
    )
    .bind(lists.keys().copied().collect::<Vec<_>>())
    .bind(rows.iter().map(|(cart, _)| *cart).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, suggested)| suggested.sku.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, suggested)| suggested.because_of.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// What goes with a cart, the strongest first: what is sold, and not in the cart by now.
pub(crate) async fn suggestions(pool: &PgPool, cart: Uuid) -> sqlx::Result<Vec<Suggestion>> {
    let rows = sqlx::query(
        "SELECT product.sku, product.name, product.price, product.currency, suggested.because_of
         FROM suggestions
         CROSS JOIN LATERAL unnest(skus, because_of) WITH ORDINALITY AS suggested (sku, because_of, place)
         JOIN products AS product ON product.sku = suggested.sku AND NOT product.retired
         WHERE suggestions.cart_id = $1
           AND NOT EXISTS (SELECT FROM lines WHERE lines.cart_id = $1 AND lines.sku = product.sku)
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
    rows.iter().map(suggestion).collect()
}
