//! The events of all services: found by what they are about, each with its data and with all that it caused.

mod detail;
mod reading;
mod search;
mod tree;

pub use detail::show;
pub use search::find;
