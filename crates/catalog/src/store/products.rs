use std::collections::BTreeMap;

use service::columns;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use super::index;
use crate::product::Product;

/// What saving a product did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// It is not sold before a time that is still to come.
    pub awaits_publication: bool,
    /// Its details are new or changed.
    pub is_described_again: bool,
}

/// Writes products, and returns those that are new, changed, or were retired, by SKU. The comparison happens under the
/// row's lock, and rows are locked in the order of their SKUs: so of two imports at once each change is seen by exactly
/// one, and they can't deadlock. No SKU may be given twice.
pub async fn save(
    connection: &mut PgConnection,
    products: &[Product],
) -> sqlx::Result<BTreeMap<String, Saved>> {
    write(connection, products, true).await
}

/// Writes a product as [`save`] does, unless there is one with its SKU.
pub async fn create(
    connection: &mut PgConnection,
    product: &Product,
) -> sqlx::Result<BTreeMap<String, Saved>> {
    write(connection, std::slice::from_ref(product), false).await
}

async fn write(
    connection: &mut PgConnection,
    products: &[Product],
    replace: bool,
) -> sqlx::Result<BTreeMap<String, Saved>> {
    let upsert = sqlx::query(
        "WITH saved AS (
             INSERT INTO products AS kept (sku, name, folded_name, description, amount, currency, details, published_from,
                                           awaits_publication, created_at, searchable_revision)
             SELECT given.*, coalesce(published_from > bus.now(), false), bus.now(), 1
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::jsonb[], $8::timestamptz[])
                  AS given (sku, name, folded_name, description, amount, currency, details, published_from)
             ORDER BY sku COLLATE \"C\"
             ON CONFLICT (sku) DO UPDATE
             SET name = EXCLUDED.name, folded_name = EXCLUDED.folded_name, description = EXCLUDED.description,
                 amount = EXCLUDED.amount, currency = EXCLUDED.currency, details = EXCLUDED.details,
                 published_from = EXCLUDED.published_from, awaits_publication = EXCLUDED.awaits_publication,
                 retired = false, changed_by = EXCLUDED.changed_by,
                 revision = kept.revision + 1, searchable_revision = kept.revision + 1,
                 described_revision = CASE WHEN kept.details = EXCLUDED.details THEN kept.described_revision
                                           ELSE kept.revision + 1 END,
                 priced_revision = CASE WHEN (kept.amount, kept.currency) = (EXCLUDED.amount, EXCLUDED.currency)
                                        THEN kept.priced_revision ELSE kept.revision + 1 END
             WHERE $9 AND (kept.name, kept.description, kept.amount, kept.currency, kept.details, kept.published_from,
                    kept.awaits_publication, kept.retired)
                   IS DISTINCT FROM
                   (EXCLUDED.name, EXCLUDED.description, EXCLUDED.amount, EXCLUDED.currency, EXCLUDED.details,
                    EXCLUDED.published_from, EXCLUDED.awaits_publication, false)
             RETURNING sku, amount, currency, details, awaits_publication, revision, described_revision, priced_revision
         ), priced AS (
             INSERT INTO prices (sku, since, amount, currency)
             SELECT sku, bus.now(), amount, currency FROM saved WHERE priced_revision = revision
             ON CONFLICT (sku, since) DO UPDATE SET amount = EXCLUDED.amount, currency = EXCLUDED.currency
         )
         SELECT sku, awaits_publication,
                described_revision = revision AND (revision > 1 OR details <> '{}') AS is_described_again
         FROM saved",
    );
    let upsert = columns!(
        upsert,
        for product in products => product.sku(), product.name(), product.name().to_lowercase(), product.description(),
                                   product.price().amount, product.price().currency.code(), Json(product.details()),
                                   product.published_from(),
    )
    .bind(replace);
    let mut saved = BTreeMap::new();
    for row in upsert.fetch_all(&mut *connection).await? {
        let awaits_publication = row.try_get("awaits_publication")?;
        let is_described_again = row.try_get("is_described_again")?;
        saved.insert(row.try_get("sku")?, Saved { awaits_publication, is_described_again });
    }
    index::write(connection, products.iter().filter(|product| saved.contains_key(product.sku()))).await?;
    Ok(saved)
}

/// The outcome of retiring a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retired {
    /// It was sold until now.
    Now,
    /// It had been retired before.
    Before,
    /// There has never been such a product.
    Unknown,
}

/// Retires a product.
pub async fn retire(connection: &mut PgConnection, sku: &str) -> sqlx::Result<Retired> {
    let was_retired: Option<bool> =
        sqlx::query_scalar("SELECT retired FROM products WHERE sku = $1 FOR UPDATE")
            .bind(sku)
            .fetch_optional(&mut *connection)
            .await?;
    match was_retired {
        None => return Ok(Retired::Unknown),
        Some(true) => return Ok(Retired::Before),
        Some(false) => {}
    }
    let update = "UPDATE products
                  SET retired = true, awaits_publication = false, changed_by = pg_current_xact_id(),
                      revision = revision + 1, searchable_revision = revision + 1
                  WHERE sku = $1";
    sqlx::query(update).bind(sku).execute(connection).await?;
    Ok(Retired::Now)
}
