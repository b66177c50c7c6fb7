//! The workload: clients that open carts and change them.

pub mod catalogue;
pub mod clients;
pub mod dataset;
mod pace;
pub mod products;
pub mod replay;
pub mod storefront;
