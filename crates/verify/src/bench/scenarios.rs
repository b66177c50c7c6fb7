//! What is measured, one after the other.

pub mod additions;
pub mod drain;
pub mod effects;
pub mod hot;
