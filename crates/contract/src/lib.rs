//! The contract of the events as documents: JSON Schemas, one AsyncAPI document and a page for people, all from the Rust
//! types in `events`; and what may change in them without breaking a reader. No I/O: callers get names and texts.

pub mod asyncapi;
pub mod compatibility;
mod documents;
pub mod events_page;
pub mod schema;

pub use documents::files;
