//! What the inventory service publishes.

mod holds;
mod snapshot;
mod stock;

pub use holds::{HoldEvent, HoldsEnded, StockHeld, StockReleased, StockShort};
pub use snapshot::{HoldSnapshot, HoldsSnapshot};
pub use stock::{AvailabilityChanged, Level, StockChanged, StockEvent};
