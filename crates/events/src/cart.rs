//! What the cart service publishes.

mod carts;
mod snapshot;

pub use carts::{CartEvent, ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
pub use snapshot::{CartSnapshot, LineSnapshot};
