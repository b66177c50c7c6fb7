//! The copy of what inventory holds for carts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use service::{columns, delete_rows};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// What is held for a line, as inventory last reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The quantity that inventory decided on.
    pub wanted: i64,
    /// How many of them are held.
    pub held: i64,
}

/// The holds of a cart, by its lines' SKUs.
pub(crate) type HoldsBySku = HashMap<String, Hold>;

/// What inventory reported on a cart's line: its hold, or none any more.
pub(crate) type HoldChange = Option<Hold>;

/// The holds of these carts.
pub(super) async fn holds(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, HoldsBySku>> {
    let rows = sqlx::query("SELECT cart_id, sku, wanted, held FROM holds WHERE cart_id = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let mut holds: HashMap<Uuid, HoldsBySku> = HashMap::new();
    for row in rows {
        let hold = Hold { wanted: row.try_get("wanted")?, held: row.try_get("held")? };
        holds.entry(row.try_get("cart_id")?).or_default().insert(row.try_get("sku")?, hold);
    }
    Ok(holds)
}

/// Deletes all that is known of these carts' holds.
pub(crate) async fn forget_holds(connection: &mut PgConnection, carts: &BTreeSet<Uuid>) -> sqlx::Result<()> {
    let carts: Vec<Uuid> = carts.iter().copied().collect();
    let delete = sqlx::query("DELETE FROM holds WHERE cart_id = ANY($1)").bind(carts);
    delete.execute(connection).await?;
    Ok(())
}

/// Copies holds from inventory, each as it was last reported.
pub(crate) async fn holds_changed(
    connection: &mut PgConnection,
    changes: &BTreeMap<(Uuid, String), HoldChange>,
) -> sqlx::Result<()> {
    let there: Vec<_> = changes.iter().filter_map(|(line, hold)| Some((line, (*hold)?))).collect();
    let gone: Vec<_> = changes.iter().filter(|(_, hold)| hold.is_none()).map(|(line, _)| line).collect();
    let upsert = sqlx::query(
        "INSERT INTO holds (cart_id, sku, wanted, held)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE SET wanted = EXCLUDED.wanted, held = EXCLUDED.held",
    );
    columns!(upsert, for ((cart_id, sku), hold) in there => *cart_id, sku.as_str(), hold.wanted, hold.held)
        .execute(&mut *connection)
        .await?;
    if !gone.is_empty() {
        let delete = sqlx::query(delete_rows!("holds", ("cart_id", "uuid"), ("sku", "text")));
        columns!(delete, for (cart_id, sku) in gone => *cart_id, sku.as_str()).execute(connection).await?;
    }
    Ok(())
}
