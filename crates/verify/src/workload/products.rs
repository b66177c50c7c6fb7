//! What is sold in a run of torture: a few products, some of them scarce.

use rand::Rng;
use rand::rngs::StdRng;

use super::import::sell;
use crate::checker::Databases;

const PRODUCTS: usize = 40;
/// One product in this many is scarce.
const SCARCE: usize = 5;

/// One of the products.
pub fn sku(random: &mut StdRng) -> String {
    name(random.random_range(0..PRODUCTS))
}

fn name(product: usize) -> String {
    format!("SKU-{product:02}")
}

/// Fills the catalogue and the warehouse at these addresses, and waits until the cart knows all products. The stock of the scarce ones is a
/// small share of what this many changes ask for.
pub async fn fill(
    addresses: (&str, &str),
    admin_key: &str,
    databases: &Databases,
    changes: u64,
) -> anyhow::Result<()> {
    let scarce = changes / 100 + 20;
    let available = |product| if product % SCARCE == 0 { scarce } else { 1_000_000 };
    let products: Vec<_> = (0..PRODUCTS).map(|product| (name(product), available(product))).collect();
    sell(addresses, admin_key, databases, &products).await
}
