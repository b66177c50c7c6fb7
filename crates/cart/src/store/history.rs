//! The events of a cart, for those who want to know how it came about.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// A fact as it is stored.
pub(crate) struct Entry {
    pub version: i64,
    /// The event's type.
    pub kind: String,
    pub time: DateTime<Utc>,
    pub data: serde_json::Value,
}

/// The last facts of a cart before this version, the newest first.
pub(crate) async fn history(
    connection: &mut PgConnection,
    cart: Uuid,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<Entry>> {
    let select = "SELECT version, type, time, data FROM cart_events
                  WHERE cart_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
    let rows = sqlx::query(select).bind(cart).bind(before).bind(limit).fetch_all(connection).await?;
    let entry = |row: &sqlx::postgres::PgRow| {
        let Json(data) = row.try_get("data")?;
        let (version, kind, time) = (row.try_get("version")?, row.try_get("type")?, row.try_get("time")?);
        Ok(Entry { version, kind, time, data })
    };
    rows.iter().map(entry).collect()
}

/// A join that finds when something was changed last in a cart, as `last.time`: facts which only say that nothing was are
/// none.
macro_rules! last_change_of {
    ($cart:literal) => {
        concat!(
            " LEFT JOIN LATERAL (
                 SELECT time FROM cart_events
                 WHERE cart_events.cart_id = ",
            $cart,
            " AND type NOT IN ('cart.quiet.v1', 'cart.abandoned.v1')
                 ORDER BY version DESC LIMIT 1
             ) AS last ON true "
        )
    };
}
pub(super) use last_change_of;

/// When something was changed last in these carts; when they were opened, if nothing was.
pub(crate) async fn last_changes(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, DateTime<Utc>>> {
    let select = concat!(
        "SELECT cart.id, coalesce(last.time, cart.created_at) FROM unnest($1::uuid[]) AS wanted (id)
         CROSS JOIN LATERAL (SELECT id, created_at FROM carts WHERE carts.id = wanted.id OFFSET 0) AS cart",
        last_change_of!("wanted.id")
    );
    let rows: Vec<(Uuid, DateTime<Utc>)> = sqlx::query_as(select).bind(carts).fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

/// The database's time, by which instances agree.
pub(crate) async fn now(connection: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar("SELECT bus.now()").fetch_one(connection).await
}
