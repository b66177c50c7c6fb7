//! Placeholder.

pub mod dataset;
