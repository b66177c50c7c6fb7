use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection};

use super::stored::{COLUMNS, StoredProduct};

/// Locks products. The SKUs are sorted.
pub async fn lock(connection: &mut PgConnection, skus: &[String]) -> sqlx::Result<()> {
    let lock = "SELECT FROM unnest($1::text[]) AS given (wanted)
                CROSS JOIN LATERAL (SELECT FROM products WHERE sku = given.wanted OFFSET 0 FOR UPDATE) AS locked";
    sqlx::query(lock).bind(skus).execute(connection).await?;
    Ok(())
}

/// Those of these products that are sold from now on, which others are still to hear of. They are locked.
pub async fn publish_due(connection: &mut PgConnection, skus: &[String]) -> sqlx::Result<Vec<StoredProduct>> {
    let update = format!(
        "UPDATE products SET awaits_publication = false
         WHERE sku = ANY($1) AND awaits_publication AND published_from <= bus.now()
         RETURNING {COLUMNS}"
    );
    let update = sqlx::query(AssertSqlSafe(update)).bind(skus);
    let mut published = update.try_map(|row: PgRow| StoredProduct::read(&row)).fetch_all(connection).await?;
    published.sort_by(|one, other| one.sku.cmp(&other.sku));
    Ok(published)
}
