use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use service::{Table, in_index_order};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};

use super::stored::money;
use crate::product::Details;
use crate::search::listing::Listed;

const PRODUCTS: Table = Table { service: "catalog", name: "products", key: "sku" };

/// The most changed products that are read at once. Where there are more, they are read in parts.
const MOST_CHANGES: usize = 5_000;
/// How many products such a part is of.
const PART: i64 = 1_000;

/// What has been seen of the products' changes: a snapshot of PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen(String);

impl Default for Seen {
    /// Nothing.
    fn default() -> Self {
        Self("1:1:".to_owned())
    }
}

/// What changed since.
pub struct Changes {
    /// The products as they are; none, if there are too many to be read at once.
    pub listed: Option<Vec<Listed>>,
    /// What has been seen by now.
    pub seen: Seen,
    /// The time.
    pub now: DateTime<Utc>,
}

/// The products that transactions have changed which were not visible before.
pub async fn changes_since(connection: &mut PgConnection, seen: &Seen) -> sqlx::Result<Changes> {
    // One statement, and so one snapshot: what is not visible in it will be found with the next one.
    let select = "SELECT pg_current_snapshot()::text AS seen, bus.now() AS now, changed.*
                  FROM (SELECT) AS always LEFT JOIN LATERAL (
                      SELECT entry.number, entry.words, sku, name, amount, currency, details, created_at, published_from, retired
                      FROM products CROSS JOIN LATERAL (
                          SELECT number, array_to_string(tsvector_to_array(words), ' ') AS words
                          FROM search_entries WHERE search_entries.sku = products.sku OFFSET 0
                      ) AS entry
                      WHERE changed_by >= pg_snapshot_xmin($1::pg_snapshot)
                        AND NOT pg_visible_in_snapshot(changed_by, $1::pg_snapshot)
                      LIMIT $2
                  ) AS changed ON true";
    // One more than are read shows whether there are more.
    let most = i64::try_from(MOST_CHANGES).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = sqlx::query(select).bind(&seen.0).bind(most).fetch(connection);
    let (mut looked, mut number, mut changed) = (None, 0, Vec::new());
    while let Some(row) = rows.try_next().await? {
        if looked.is_none() {
            looked = Some((Seen(row.try_get("seen")?), row.try_get("now")?));
        }
        if row.try_get::<Option<i64>, _>("number")?.is_some() {
            number += 1;
            changed.extend(PRODUCTS.read_one(&row, listed));
        }
    }
    let (seen, now) = looked.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Changes { listed: (number <= MOST_CHANGES).then_some(changed), seen, now })
}

/// Some of the products, in the order of the SKUs.
pub struct ProductsPart {
    /// Those of them that have changed, as they are.
    pub changed: Vec<Listed>,
    /// The last SKU of all of them; none: there are no more.
    pub next: Option<String>,
}

/// Of the next products behind this SKU, those that transactions have changed which were not visible before.
pub async fn changed_after(pool: &PgPool, seen: &Seen, last: &str) -> sqlx::Result<ProductsPart> {
    let select = "SELECT part.sku, changed.*
                  FROM (SELECT sku, changed_by FROM products WHERE sku > $2 ORDER BY sku LIMIT $3) AS part
                  LEFT JOIN LATERAL (
                      SELECT entry.number, entry.words, name, amount, currency, details, created_at, published_from, retired
                      FROM products CROSS JOIN LATERAL (
                          SELECT number, array_to_string(tsvector_to_array(words), ' ') AS words
                          FROM search_entries WHERE search_entries.sku = products.sku OFFSET 0
                      ) AS entry
                      WHERE products.sku = part.sku AND NOT pg_visible_in_snapshot(part.changed_by, $1::pg_snapshot)
                      OFFSET 0
                  ) AS changed ON true";
    let mut transaction = in_index_order(pool).await?;
    let select = sqlx::query(select).bind(&seen.0).bind(last).bind(PART);
    let rows = select.fetch_all(&mut *transaction).await?;
    transaction.rollback().await?;
    let (mut changed, mut next): (Vec<Listed>, Option<String>) = (Vec::new(), None);
    for row in &rows {
        next = next.max(Some(row.try_get("sku")?));
        if row.try_get::<Option<i64>, _>("number")?.is_some() {
            changed.extend(PRODUCTS.read_one(row, listed));
        }
    }
    Ok(ProductsPart { changed, next })
}

fn listed(row: &PgRow) -> sqlx::Result<Listed> {
    Ok(Listed {
        number: row.try_get("number")?,
        sku: row.try_get("sku")?,
        name: row.try_get("name")?,
        words: row.try_get("words")?,
        price: money(row)?,
        details: row.try_get::<Json<Details>, _>("details")?.0,
        created_at: row.try_get("created_at")?,
        published_from: row.try_get("published_from")?,
        retired: row.try_get("retired")?,
    })
}
