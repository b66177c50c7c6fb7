//! What the catalog service publishes.

mod products;

pub use products::{ProductChanged, ProductEvent, ProductRetired};
