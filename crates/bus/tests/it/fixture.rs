//! What the tests of this crate share: a service "orders" that publishes which orders are placed, and a service
//! "billing" that listens.

mod backups;
mod broker;
mod instance;
mod log_lines;
mod observations;
mod orders;
mod setup;
mod waiting;

pub use broker::{administrator, marker, messages, service, topology};
pub use instance::{Frozen, Instance};
pub use log_lines::LogLines;
pub use orders::{AccountClosed, Billing, OrderPlaced, Projection};
pub use setup::Fixture;
pub use waiting::{TIMEOUT, down, pool, up};
