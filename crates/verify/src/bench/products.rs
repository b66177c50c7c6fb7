//! What is sold while the bench runs.

/// How many products there are.
pub const PRODUCTS: usize = 1000;
/// Plenty of each.
pub const AVAILABLE: u64 = 100_000_000;

/// A product's SKU.
pub fn sku(product: usize) -> String {
    format!("SKU-{product:04}")
}
