//! What is measured, one after the other.

pub mod additions;
mod costs;
pub mod drain;
pub mod effects;
pub mod growth;
pub mod history;
pub mod hot;
