//! Carts as they were.

use service::columns;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::cart::Cart;
use crate::fact::Fact;

/// How many versions lie between two past states that are kept: few are kept, and none is far away.
const EVERY: i64 = 500;

/// A cart as it was at a version: the fold of its facts up to it.
pub(crate) async fn cart_at(
    connection: &mut PgConnection,
    cart_id: Uuid,
    version: i64,
) -> sqlx::Result<Cart> {
    let mut cart = snapshot_before(connection, cart_id, version).await?.unwrap_or_default();
    let select = "SELECT version, type, data::text FROM cart_events
                  WHERE cart_id = $1 AND version > $2 AND version <= $3 ORDER BY version";
    let select = sqlx::query(select).bind(cart_id).bind(cart.version).bind(version);
    let mut snapshots = Vec::new();
    for row in &select.fetch_all(&mut *connection).await? {
        let before = cart.version;
        let fact = Fact::read(row.try_get(1)?, row.try_get(2)?);
        cart.apply(row.try_get(0)?, &fact.map_err(|error| sqlx::Error::Decode(error.into()))?);
        if before / EVERY != cart.version / EVERY {
            snapshots.push(cart.clone());
        }
    }
    keep(connection, cart_id, &snapshots).await?;
    Ok(cart)
}

/// The nearest one; none that can't be read.
async fn snapshot_before(
    connection: &mut PgConnection,
    cart_id: Uuid,
    version: i64,
) -> sqlx::Result<Option<Cart>> {
    let select = "SELECT cart FROM cart_snapshots
                  WHERE cart_id = $1 AND version <= $2 ORDER BY version DESC LIMIT 1";
    let row = sqlx::query(select).bind(cart_id).bind(version).fetch_optional(connection).await?;
    Ok(row.and_then(|row| row.try_get::<Json<Cart>, _>(0).ok()).map(|Json(cart)| cart))
}

async fn keep(connection: &mut PgConnection, cart_id: Uuid, snapshots: &[Cart]) -> sqlx::Result<()> {
    if snapshots.is_empty() {
        return Ok(());
    }
    let insert = sqlx::query(
        "INSERT INTO cart_snapshots (cart_id, version, cart)
         SELECT $1, version, cart FROM unnest($2::bigint[], $3::jsonb[]) AS snapshot (version, cart)
         ON CONFLICT DO NOTHING",
    );
    columns!(insert.bind(cart_id), for cart in snapshots => cart.version, Json(cart))
        .execute(connection)
        .await?;
    Ok(())
}
