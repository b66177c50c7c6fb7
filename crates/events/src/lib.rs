//! The contract between the services: every event of the shop as a Rust type, and who publishes and who listens.
//! Data only, no I/O.
//!
//! Events are grouped by what they are about: each aggregate has a file of its own, which declares its events as one enum,
//! and consumers match that enum exhaustively. Inside a major version (`.v1`) only optional fields are added; unknown
//! fields are ignored on reading. [`definitions`] lists every event type with an example; `contract` makes schemas and
//! documents of it.

mod aggregate;
pub mod cart;
pub mod catalog;
mod declaration;
mod definition;
mod examples;
pub mod inventory;
mod money;
pub mod notify;
mod participants;
pub mod recommend;
mod registry;
mod renamed_sources;
mod sku;

pub use aggregate::Aggregate;
pub use definition::EventDefinition;
pub use money::{Money, Total};
pub use participants::{PARTICIPANTS, Participant, aggregates};
pub use registry::definitions;
pub use renamed_sources::{RenamedSource, renamed_sources, retired_exchanges};
pub use sku::{LONGEST_SKU, SKU_PATTERN, is_sku};
