//! What a change of the contract breaks, for the readers of events and for the clients of a service.

mod breaking_change;
mod comparison;
pub mod events;
mod json_schema;
pub mod openapi;

pub use breaking_change::BreakingChange;
