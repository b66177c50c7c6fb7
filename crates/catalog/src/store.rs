//! All SQL of the catalog.

use std::collections::BTreeSet;

use events::Money;
use service::{Table, columns};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use crate::product::{Product, folded};

const PRODUCTS: Table = Table { service: "catalog", name: "products", key: "sku" };

/// A product as it is stored.
pub struct StoredProduct {
    /// The stock keeping unit.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// A text about it.
    pub description: Option<String>,
    /// The price of a piece.
    pub price: Money,
    /// Not sold any more.
    pub retired: bool,
}

/// Writes products, and returns the SKUs of those that are new, changed, or were retired. The comparison happens
/// under the row's lock, and rows are locked in the order of their SKUs: so of two imports at once each change is
/// seen by exactly one, and they can't deadlock. No SKU may be given twice.
pub async fn save(connection: &mut PgConnection, products: &[Product]) -> sqlx::Result<BTreeSet<String>> {
    let upsert = sqlx::query_scalar(
        "INSERT INTO products AS kept (sku, name, folded_name, description, amount, currency)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
                       AS given (sku, name, folded_name, description, amount, currency)
         ORDER BY sku COLLATE \"C\"
         ON CONFLICT (sku) DO UPDATE
         SET name = EXCLUDED.name, folded_name = EXCLUDED.folded_name, description = EXCLUDED.description,
             amount = EXCLUDED.amount, currency = EXCLUDED.currency, retired = false
         WHERE (kept.name, kept.description, kept.amount, kept.currency, kept.retired)
               IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.description, EXCLUDED.amount, EXCLUDED.currency, false)
         RETURNING sku",
    );
    let upsert = columns!(
        upsert,
        for product in products => product.sku(), product.name(), folded(product.name()), product.description(),
                                   product.price().amount, product.price().currency.code(),
    );
    let changed: Vec<String> = upsert.fetch_all(connection).await?;
    Ok(changed.into_iter().collect())
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
    sqlx::query("UPDATE products SET retired = true WHERE sku = $1").bind(sku).execute(connection).await?;
    Ok(Retired::Now)
}

/// One product, also a retired one.
pub async fn find(pool: &PgPool, sku: &str) -> sqlx::Result<Option<StoredProduct>> {
    let select = "SELECT sku, name, description, amount, currency, retired FROM products WHERE sku = $1";
    sqlx::query(select).bind(sku).try_map(|row: PgRow| stored(&row)).fetch_optional(pool).await
}

/// These products, also retired ones.
pub async fn find_all(connection: &mut PgConnection, skus: &[String]) -> sqlx::Result<Vec<StoredProduct>> {
    let select = "SELECT sku, name, description, amount, currency, retired FROM products WHERE sku = ANY($1) ORDER BY sku";
    sqlx::query(select).bind(skus).try_map(|row: PgRow| stored(&row)).fetch_all(connection).await
}

/// A page of products.
pub struct Page {
    /// By SKU.
    pub products: Vec<StoredProduct>,
    /// The last SKU, if there are more after it.
    pub next: Option<String>,
}

/// At most `limit` products that are sold, by SKU, after `after`: all of them, or those with `search` in the name or at
/// the beginning of the SKU, in upper or lower case.
pub async fn list(pool: &PgPool, after: &str, search: &str, limit: usize) -> sqlx::Result<Page> {
    // One more than asked for shows whether there is a next page.
    let mut rows = sqlx::query(
        "SELECT sku, name, description, amount, currency, retired FROM products
         WHERE NOT retired AND sku > $1
           AND ($2 = '' OR strpos(folded_name, $2) > 0 OR starts_with(lower(sku), $2))
         ORDER BY sku
         LIMIT $3",
    )
    .bind(after)
    .bind(folded(search))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
    .fetch_all(pool)
    .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.try_get("sku")).transpose()?;
    Ok(Page { products: PRODUCTS.read(&rows, stored), next })
}

fn stored(row: &PgRow) -> sqlx::Result<StoredProduct> {
    let code: &str = row.try_get("currency")?;
    let currency = code.parse().map_err(|_| sqlx::Error::ColumnDecode {
        index: "currency".into(),
        source: format!("'{code}' is not a currency").into(),
    })?;
    Ok(StoredProduct {
        sku: row.try_get("sku")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        price: Money { amount: row.try_get("amount")?, currency },
        retired: row.try_get("retired")?,
    })
}
