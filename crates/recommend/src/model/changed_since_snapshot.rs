//! What changed since the last snapshot.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::product::ProductId;

/// The products whose neighbours are to be computed again, and the carts that readers don't see as they are.
#[derive(Default)]
pub struct ChangedSinceSnapshot {
    /// In the order in which they became stale.
    products: Vec<ProductId>,
    is_listed: Vec<bool>,
    /// The carts that changed.
    pub carts: BTreeSet<Uuid>,
}

impl ChangedSinceSnapshot {
    /// Adds a product, unless it is stale already.
    pub fn add(&mut self, product: ProductId) {
        if self.is_listed.len() <= product.index() {
            self.is_listed.resize(product.index() + 1, false);
        }
        if !std::mem::replace(&mut self.is_listed[product.index()], true) {
            self.products.push(product);
        }
    }

    /// Takes up to `limit` products, those that have been stale for longest, so that none waits forever.
    pub fn take(&mut self, limit: usize) -> Vec<ProductId> {
        let number = self.products.len().min(limit);
        let taken: Vec<ProductId> = self.products.drain(..number).collect();
        for product in &taken {
            self.is_listed[product.index()] = false;
        }
        taken
    }

    /// The number of products.
    pub fn products(&self) -> usize {
        self.products.len()
    }

    /// Whether nothing is stale.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty() && self.carts.is_empty()
    }
}
