//! The contract between the services: every event of the shop as a Rust type, and who publishes and who listens.
//! Data only, no I/O.
//!
//! Inside a major version (`.v1`) only optional fields are added; unknown fields are ignored on reading. [`kinds`] lists
//! every type with an example; `contract` makes schemas and documents of it.

pub mod cart;
pub mod catalog;
pub mod inventory;
mod kinds;
mod money;
pub mod notify;
mod participants;
pub mod recommend;
mod sku;

pub use kinds::{Kind, kinds};
pub use money::Money;
pub use participants::{PARTICIPANTS, Participant, source};
pub use sku::{LONGEST_SKU, is_sku};
