//! The workload: clients that open carts and change them, and what they buy.

pub mod catalogue;
pub mod clients;
pub mod dataset;
pub mod import;
mod pace;
pub mod products;
pub mod replay;
pub mod shopping;
pub mod storefront;
