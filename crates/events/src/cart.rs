//! What the cart service publishes.

mod carts;

pub use carts::{CartEvent, ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
