use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use service::Table;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use super::stored::money;
use crate::product::Details;
use crate::search::listing::Listed;
use crate::search::vocabulary::{Known, Vocabulary, asked};

const PRODUCTS: Table = Table { service: "catalog", name: "products", key: "sku" };

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
    /// The products as they are.
    pub listed: Vec<Listed>,
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
                  ) AS changed ON true";
    let mut rows = sqlx::query(select).bind(&seen.0).fetch(connection);
    let (mut looked, mut changed) = (None, Vec::new());
    // One by one: at first they are all products.
    while let Some(row) = rows.try_next().await? {
        if looked.is_none() {
            looked = Some((Seen(row.try_get("seen")?), row.try_get("now")?));
        }
        if row.try_get::<Option<i64>, _>("number")?.is_some() {
            changed.extend(PRODUCTS.read_one(&row, listed));
        }
    }
    let (seen, now) = looked.ok_or(sqlx::Error::RowNotFound)?;
    Ok(Changes { listed: changed, seen, now })
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

/// What is known about the words of a search text.
pub async fn vocabulary(connection: &mut PgConnection, words: &[String]) -> sqlx::Result<Vocabulary> {
    let (words, is_corrected): (Vec<String>, Vec<bool>) = asked(words).into_iter().unzip();
    // It sorts after every letter. Not written into the statement: a database of another encoding could not read it.
    let last = "\u{10FFFF}";
    let select = "SELECT given.word, first.word = given.word AS is_word, first.word IS NOT NULL AS is_beginning, near.words
                  FROM unnest($1::text[], $2::boolean[]) AS given (word, is_corrected)
                  LEFT JOIN LATERAL (
                      SELECT word FROM search_words
                      WHERE word >= given.word AND word < given.word || $3 ORDER BY word LIMIT 1
                  ) AS first ON true
                  LEFT JOIN LATERAL (
                      SELECT array_agg(word) AS words FROM similar_words(given.word) AS word
                      WHERE given.is_corrected AND first.word IS NULL
                  ) AS near ON true";
    let rows = sqlx::query(select).bind(words).bind(is_corrected).bind(last).fetch_all(connection).await?;
    let known = |row: &PgRow| {
        let known = Known {
            is_word: row.try_get::<Option<bool>, _>("is_word")?.unwrap_or(false),
            is_beginning: row.try_get("is_beginning")?,
            similar: row.try_get::<Option<Vec<String>>, _>("words")?.unwrap_or_default(),
        };
        Ok((row.try_get("word")?, known))
    };
    rows.iter().map(known).collect()
}
