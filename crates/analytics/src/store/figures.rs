//! Adds to the figures.

use service::columns;
use sqlx::PgConnection;

use crate::numbers::Counts;

/// Adds what a batch counts for.
pub(super) async fn add(connection: &mut PgConnection, counts: &Counts) -> sqlx::Result<()> {
    if counts.figures.is_empty() {
        return Ok(());
    }
    let add = sqlx::query(
        "INSERT INTO figures (resolution, start, measure, currency, value)
         SELECT resolution, start, measure, currency, value::numeric
         FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
             AS new (resolution, start, measure, currency, value)
         ON CONFLICT (resolution, start, measure, currency) DO UPDATE SET value = figures.value + EXCLUDED.value",
    );
    columns!(add, for ((resolution, start, measure, currency), value) in counts.figures =>
        resolution.column(), *start, measure.column(), *currency, value.to_string())
    .execute(&mut *connection)
    .await?;
    if counts.products.is_empty() { Ok(()) } else { add_products(connection, counts).await }
}

async fn add_products(connection: &mut PgConnection, counts: &Counts) -> sqlx::Result<()> {
    let add = sqlx::query(
        "INSERT INTO product_figures (resolution, start, sku, additions, units)
         SELECT resolution, start, sku, additions, units::numeric
         FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::text[])
             AS new (resolution, start, sku, additions, units)
         ON CONFLICT (resolution, start, sku) DO UPDATE
             SET additions = product_figures.additions + EXCLUDED.additions,
                 units = product_figures.units + EXCLUDED.units",
    );
    columns!(add, for ((resolution, start, sku), count) in counts.products =>
        resolution.column(), *start, sku.as_str(), count.additions, count.units.to_string())
    .execute(&mut *connection)
    .await?;
    let name = sqlx::query(
        "INSERT INTO products (sku, name) SELECT * FROM unnest($1::text[], $2::text[])
         ON CONFLICT (sku) DO UPDATE SET name = EXCLUDED.name WHERE products.name <> EXCLUDED.name",
    );
    columns!(name, for (sku, name) in counts.names => sku.as_str(), name.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
