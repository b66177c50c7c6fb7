//! What the inventory service publishes.

mod holds;
mod stock;

pub use holds::{HoldEvent, StockHeld, StockReleased, StockShort};
pub use stock::{AvailabilityChanged, StockChanged, StockEvent};
