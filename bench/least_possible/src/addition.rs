use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event: this quantity of a product was added to a cart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Addition {
    pub id: Uuid,
    pub cart: Uuid,
    pub sku: String,
    pub quantity: i64,
}
