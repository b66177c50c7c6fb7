use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use envelope::EventSet as _;
use events::cart::CartEvent as What;
use uuid::Uuid;

use super::databases::Databases;

/// An event of a cart, as the cart service has it.
#[derive(Clone, Debug)]
pub struct CartEvent {
    /// The cart.
    pub cart_id: Uuid,
    /// Its number.
    pub version: i64,
    /// Its id.
    pub event_id: Uuid,
    /// When it was decided.
    pub time: DateTime<Utc>,
    /// What it says.
    pub what: What,
}

/// The events of carts, in their order.
pub type CartEvents = BTreeMap<Uuid, Vec<CartEvent>>;

impl CartEvent {
    /// Whether nothing follows it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.what, What::CartMerged(_) | What::CartDeleted(_) | What::CartExpired(_))
    }

    /// Whether the cart says it by itself, and no client asks for it.
    #[must_use]
    pub fn is_of_time(&self) -> bool {
        matches!(self.what, What::CartQuiet(_) | What::CartAbandoned(_) | What::CartExpired(_))
    }
}

/// The events of these carts; of all where none are given.
pub async fn read_cart_events(databases: &Databases, carts: Option<&[Uuid]>) -> anyhow::Result<CartEvents> {
    let query = "SELECT cart_id, version, event_id, time, type, data::text
                 FROM cart_events WHERE $1::uuid[] IS NULL OR cart_id = ANY($1) ORDER BY cart_id, version";
    let rows: Vec<(Uuid, i64, Uuid, DateTime<Utc>, String, String)> =
        sqlx::query_as(query).bind(carts).fetch_all(databases.of("cart")?).await?;
    let mut events = CartEvents::new();
    for (cart_id, version, event_id, time, event_type, data) in rows {
        let what = What::from_json(&event_type, &data)?.with_context(|| {
            format!("version {version} of cart {cart_id} is of the unknown type {event_type}")
        })?;
        events.entry(cart_id).or_default().push(CartEvent { cart_id, version, event_id, time, what });
    }
    Ok(events)
}
