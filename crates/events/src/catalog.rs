//! What the catalog service publishes.

mod products;

pub use products::{
    ProductChanged, ProductDescribed, ProductEvent, ProductRetired, ProductScheduled, ProductTexts,
};
