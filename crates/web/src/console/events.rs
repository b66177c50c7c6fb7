//! The events of all services: found by what they are about, each with its data and with all that it caused.

mod one;
mod reading;
mod search;
mod tree;

pub use one::show;
pub use search::find;
