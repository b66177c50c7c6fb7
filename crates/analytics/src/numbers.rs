//! What is counted, and how finely: pure rules.

mod counting;
mod measure;
mod resolution;

pub use counting::Counts;
pub use measure::Measure;
pub use resolution::{Resolution, Retention};
