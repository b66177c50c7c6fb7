//! The copy of what inventory holds for carts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use service::{columns, delete_rows, upserts_and_deletes};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::history::last_change_of;

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

/// What is known of a cart that is to be shown.
#[derive(Default)]
pub(crate) struct HoldsRead {
    pub holds: HoldsBySku,
    /// When something was changed last in the cart, which is what its holds depend on.
    pub last_change: Option<DateTime<Utc>>,
}

/// The holds of these carts, and when they were changed last.
pub(crate) async fn read_holds(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, HoldsRead>> {
    let mut read: HashMap<Uuid, HoldsRead> = HashMap::new();
    if carts.is_empty() {
        return Ok(read);
    }
    let select = sqlx::query(concat!(
        "SELECT wanted.id AS cart_id, last.time, hold.sku, hold.wanted, hold.held
         FROM unnest($1::uuid[]) AS wanted (id)",
        last_change_of!("wanted.id"),
        "LEFT JOIN LATERAL (
             SELECT sku, wanted, held FROM holds WHERE holds.cart_id = wanted.id OFFSET 0
         ) AS hold ON true"
    ));
    for row in select.bind(carts).fetch_all(connection).await? {
        let read = read.entry(row.try_get("cart_id")?).or_default();
        read.last_change = row.try_get("time")?;
        if let Some(sku) = row.try_get("sku")? {
            let hold = Hold { wanted: row.try_get("wanted")?, held: row.try_get("held")? };
            read.holds.insert(sku, hold);
        }
    }
    Ok(read)
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
    let (known, gone) = upserts_and_deletes(changes);
    let upsert = sqlx::query(
        "INSERT INTO holds (cart_id, sku, wanted, held)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE SET wanted = EXCLUDED.wanted, held = EXCLUDED.held",
    );
    columns!(upsert, for ((cart_id, sku), hold) in known => *cart_id, sku.as_str(), hold.wanted, hold.held)
        .execute(&mut *connection)
        .await?;
    if !gone.is_empty() {
        let delete = sqlx::query(delete_rows!("holds", ("cart_id", "uuid"), ("sku", "text")));
        columns!(delete, for (cart_id, sku) in gone => *cart_id, sku.as_str()).execute(connection).await?;
    }
    Ok(())
}
