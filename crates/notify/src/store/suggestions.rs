//! Which products go with carts, for the mails.

use std::collections::BTreeMap;

use events::recommend::Suggested;
use service::{columns, upserts_and_deletes};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Stores the latest suggestions for carts, and deletes those of carts that have ended, which have none here.
pub async fn write_suggestions(
    connection: &mut PgConnection,
    lists: &BTreeMap<Uuid, Option<Vec<Suggested>>>,
) -> sqlx::Result<()> {
    let (known, ended) = upserts_and_deletes(lists);
    if !ended.is_empty() {
        let delete = sqlx::query("DELETE FROM suggestions WHERE cart_id = ANY($1)");
        delete.bind(ended).execute(&mut *connection).await?;
    }
    if known.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO suggestions (cart_id, list) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
         ON CONFLICT (cart_id) DO UPDATE SET list = EXCLUDED.list",
    );
    columns!(upsert, for (cart_id, list) in &known => **cart_id, Json(*list)).execute(connection).await?;
    Ok(())
}
