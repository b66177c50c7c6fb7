use std::collections::BTreeSet;

use service::columns;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool};

use super::stored::{COLUMNS, StoredProduct};
use crate::product::Product;
use crate::search::listing::searchable_words;

/// The words of a product, or of a row of one, in the index.
struct Entry {
    sku: String,
    words: BTreeSet<String>,
}

/// Makes products that were written in this transaction searchable.
pub(super) async fn write(
    connection: &mut PgConnection,
    products: impl Iterator<Item = &Product>,
) -> sqlx::Result<()> {
    let entry = |product: &Product| Entry {
        sku: product.sku().to_owned(),
        words: searchable_words(product.sku(), product.name(), product.description(), product.details()),
    };
    insert(connection, products.map(entry).collect()).await
}

/// Makes products searchable that are not, since another release wrote them. Returns how many there were; none: all are.
pub async fn index_some(pool: &PgPool) -> sqlx::Result<usize> {
    let mut transaction = pool.begin().await?;
    let select = format!(
        "SELECT {COLUMNS} FROM products WHERE searchable_revision <> revision ORDER BY sku LIMIT 500 FOR UPDATE"
    );
    let stale = sqlx::query(sqlx::AssertSqlSafe(select)).try_map(|row: PgRow| StoredProduct::read(&row));
    let stale = stale.fetch_all(&mut *transaction).await?;
    let entry = |product: &StoredProduct| Entry {
        sku: product.sku.clone(),
        words: searchable_words(
            &product.sku,
            &product.name,
            product.description.as_deref(),
            &product.details,
        ),
    };
    insert(&mut transaction, stale.iter().map(entry).collect()).await?;
    let skus: Vec<&str> = stale.iter().map(|product| product.sku.as_str()).collect();
    // They are locked.
    let update = "UPDATE products SET searchable_revision = revision, changed_by = pg_current_xact_id() WHERE sku = ANY($1)";
    sqlx::query(update).bind(skus).execute(&mut *transaction).await?;
    bus::commit(transaction).await?;
    Ok(stale.len())
}

/// In a database that was copied to another server, products may have been changed by transactions that are still to come
/// there. They are stamped again.
pub async fn stamp_again(pool: &PgPool) -> sqlx::Result<()> {
    let update = "UPDATE products SET changed_by = pg_current_xact_id()
                  WHERE changed_by >= pg_snapshot_xmax(pg_current_snapshot())";
    sqlx::query(update).execute(pool).await?;
    Ok(())
}

/// The products' rows are locked.
async fn insert(connection: &mut PgConnection, entries: Vec<Entry>) -> sqlx::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO search_entries AS kept (sku, words)
         SELECT sku, array_to_tsvector(string_to_array(words, ' ')) FROM unnest($1::text[], $2::text[]) AS given (sku, words)
         ORDER BY sku COLLATE \"C\"
         ON CONFLICT (sku) DO UPDATE SET words = EXCLUDED.words WHERE kept.words <> EXCLUDED.words",
    );
    let joined = |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let upsert = columns!(upsert, for entry in entries => entry.sku.as_str(), joined(&entry.words));
    upsert.execute(&mut *connection).await?;
    let words: BTreeSet<&str> = entries.iter().flat_map(|entry| &entry.words).map(String::as_str).collect();
    // Sorted, so that two who write the same new words wait for each other instead of deadlocking.
    let insert = "INSERT INTO search_words (word)
                  SELECT given.word FROM unnest($1::text[]) AS given (word)
                  LEFT JOIN LATERAL (SELECT true AS is_known FROM search_words WHERE word = given.word OFFSET 0) AS known ON true
                  WHERE is_known IS NULL
                  ORDER BY given.word COLLATE \"C\"
                  ON CONFLICT DO NOTHING";
    sqlx::query(insert).bind(words.into_iter().collect::<Vec<_>>()).execute(connection).await?;
    Ok(())
}
