//! Which products go with carts, for the mails.

use std::collections::BTreeMap;

use events::recommend::Suggested;
use service::columns;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Stores the latest suggestions for carts.
pub async fn write_suggestions(
    connection: &mut PgConnection,
    lists: &BTreeMap<Uuid, Vec<Suggested>>,
) -> sqlx::Result<()> {
    let upsert = sqlx::query(
        "INSERT INTO suggestions (cart_id, list) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
         ON CONFLICT (cart_id) DO UPDATE SET list = EXCLUDED.list",
    );
    columns!(upsert, for (cart_id, list) in lists => *cart_id, Json(list)).execute(connection).await?;
    Ok(())
}
