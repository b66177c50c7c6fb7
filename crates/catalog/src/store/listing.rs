use service::{Table, in_index_order};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};

use super::stored::{COLUMNS, StoredProduct};

const PRODUCTS: Table = Table { service: "catalog", name: "products", key: "sku" };

/// One product, also a retired one.
pub async fn find(pool: &PgPool, sku: &str) -> sqlx::Result<Option<StoredProduct>> {
    let select = format!("SELECT {COLUMNS} FROM products WHERE sku = $1");
    let select = sqlx::query(AssertSqlSafe(select)).bind(sku);
    select.try_map(|row: PgRow| StoredProduct::read(&row)).fetch_optional(pool).await
}

/// These products, also retired ones, in the order of the SKUs. Those that there are not are left out.
pub async fn find_all(connection: &mut PgConnection, skus: &[String]) -> sqlx::Result<Vec<StoredProduct>> {
    let select = format!(
        "SELECT found.* FROM unnest($1::text[]) WITH ORDINALITY AS given (wanted, place)
         CROSS JOIN LATERAL (SELECT {COLUMNS} FROM products WHERE sku = given.wanted OFFSET 0) AS found
         ORDER BY given.place"
    );
    let rows = sqlx::query(AssertSqlSafe(select)).bind(skus).fetch_all(connection).await?;
    Ok(PRODUCTS.read(&rows, StoredProduct::read))
}

/// A page of products.
pub struct Page {
    /// By SKU.
    pub products: Vec<StoredProduct>,
    /// The last SKU, if there are more after it.
    pub next: Option<String>,
}

/// What a list has in it.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// What follows this SKU.
    pub after: &'a str,
    /// With this in the name or at the beginning of the SKU, in upper or lower case; empty: everything.
    pub text: &'a str,
    /// The variants of this product; empty: everything.
    pub variant_of: &'a str,
    /// Also what is not published yet.
    pub unpublished: bool,
    /// The most products.
    pub limit: usize,
}

/// A page of products, by SKU.
pub async fn list(pool: &PgPool, list: List<'_>) -> sqlx::Result<Page> {
    let List { after, text, variant_of, unpublished, limit } = list;
    let which = if variant_of.is_empty() { "$3 = ''" } else { "details ->> 'variant_of' = $3" };
    let select = format!(
        "SELECT {COLUMNS} FROM products
         WHERE sku > $1 AND NOT retired AND ($4 OR published_from IS NULL OR published_from <= bus.now()) AND {which}
           AND ($2 = '' OR strpos(folded_name, $2) > 0 OR starts_with(lower(sku), $2))
         ORDER BY sku
         LIMIT $5"
    );
    let mut transaction = in_index_order(pool).await?;
    // One more than asked for shows whether there is a next page.
    let mut rows = sqlx::query(AssertSqlSafe(select))
        .bind(after)
        .bind(text.to_lowercase())
        .bind(variant_of)
        .bind(unpublished)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .fetch_all(&mut *transaction)
        .await?;
    transaction.rollback().await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.try_get("sku")).transpose()?;
    Ok(Page { products: PRODUCTS.read(&rows, StoredProduct::read), next })
}

/// The names of all options and attributes, and the languages, that some product has: each with the field of the details.
pub async fn property_names(pool: &PgPool) -> sqlx::Result<Vec<(String, String)>> {
    let select = "SELECT DISTINCT field, key FROM products
                  CROSS JOIN unnest(ARRAY['options', 'attributes', 'translations']) AS field
                  CROSS JOIN LATERAL jsonb_object_keys(coalesce(details -> field, '{}')) AS key
                  ORDER BY field, key";
    sqlx::query_as(select).fetch_all(pool).await
}
