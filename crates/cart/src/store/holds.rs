//! The copy of what inventory holds for carts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use events::inventory::HoldEvent;
use service::{columns, delete_rows, upserts_and_deletes};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::history::last_change_of;
use crate::holds::{Hold, HoldChange, HoldsBySku};

/// What is known of a cart that is to be shown.
#[derive(Default)]
pub(crate) struct HoldsRead {
    /// How far inventory's events of this cart were taken. The holds depend on nothing else.
    pub position: i64,
    /// None where they are known at this position.
    pub holds: Option<HoldsBySku>,
    /// When something was changed last in the cart, by which it shows until when they last.
    pub last_change: Option<DateTime<Utc>>,
}

/// The holds of these carts, but for those that are known at their present position, and when they were changed last.
///
/// One statement, since a position and its holds must be of one moment.
pub(crate) async fn read_holds(
    connection: &mut PgConnection,
    carts: &[(Uuid, Option<i64>)],
) -> sqlx::Result<HashMap<Uuid, HoldsRead>> {
    let mut read: HashMap<Uuid, HoldsRead> = HashMap::new();
    if carts.is_empty() {
        return Ok(read);
    }
    let select = sqlx::query(concat!(
        "SELECT wanted.id AS cart_id, last.time, coalesce(position.sequence, 0) AS position,
                coalesce(position.sequence, 0) IS NOT DISTINCT FROM wanted.known AS is_known,
                hold.sku, hold.wanted, hold.held
         FROM unnest($1::uuid[], $2::bigint[]) AS wanted (id, known)",
        last_change_of!("wanted.id"),
        "LEFT JOIN LATERAL (
             SELECT sequence FROM bus.positions
             WHERE positions.source = $3 AND positions.subject = wanted.id::text OFFSET 0
         ) AS position ON true
         LEFT JOIN LATERAL (
             SELECT sku, wanted, held FROM holds
             WHERE holds.cart_id = wanted.id AND coalesce(position.sequence, 0) IS DISTINCT FROM wanted.known OFFSET 0
         ) AS hold ON true"
    ));
    let select = columns!(select, for (cart, known) in carts => *cart, *known);
    let rows = select.bind(HoldEvent::AGGREGATE.source()).fetch_all(connection).await?;
    for row in &rows {
        let read = read.entry(row.try_get("cart_id")?).or_default();
        read.last_change = row.try_get("time")?;
        read.position = row.try_get("position")?;
        if row.try_get("is_known")? {
            continue;
        }
        let holds = read.holds.get_or_insert_default();
        if let Some(sku) = row.try_get("sku")? {
            holds.insert(sku, Hold { wanted: row.try_get("wanted")?, held: row.try_get("held")? });
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
