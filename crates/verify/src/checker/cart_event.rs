use sqlx::FromRow;
use uuid::Uuid;

use super::databases::Databases;

/// An event of a cart, as the cart service has it.
#[derive(Clone, Debug, FromRow)]
pub struct CartEvent {
    /// The cart.
    pub cart_id: Uuid,
    /// Its number.
    pub version: i64,
    /// Its id.
    pub event_id: Uuid,
    /// Its type.
    #[sqlx(rename = "type")]
    pub event_type: String,
    /// The product; none where it is not about one.
    pub sku: Option<String>,
    /// How many pieces it adds, or how many there are from now on.
    pub quantity: Option<i64>,
}

/// The events of these carts; of all where none are given.
pub async fn read_cart_events(
    databases: &Databases,
    carts: Option<&[Uuid]>,
) -> anyhow::Result<Vec<CartEvent>> {
    let query = "SELECT cart_id, version, event_id, type, data->>'sku' AS sku,
                        coalesce(data->>'to', data->>'quantity')::bigint AS quantity
                 FROM cart_events WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)";
    Ok(sqlx::query_as(query).bind(carts).fetch_all(databases.of("cart")?).await?)
}
