//! The model at one moment, in memory, as readers see it. It never changes: a newer one replaces it as a whole.
//!
//! The snapshots that survive a restart are another thing: see [`serialization`](super::serialization).

use std::sync::Arc;

use super::neighbours::Neighbours;
use super::popularity::{Popularity, PopularityRange};
use super::product::{Product, ProductId, ProductTraits};
use super::product_index::ProductIds;
use super::suggestion::Policy;

/// The model at one moment. Lists are by product number where nothing else is said.
#[derive(Clone, Default)]
pub struct ModelSnapshot {
    pub(super) ids: Arc<ProductIds>,
    pub(super) products: Arc<Vec<Arc<Product>>>,
    pub(super) traits: Arc<Vec<ProductTraits>>,
    pub(super) neighbours: Vec<Arc<Neighbours>>,
    pub(super) popularities: Arc<[Popularity]>,
    pub(super) popularity_range: PopularityRange,
    /// The products that are popular now, the most popular first.
    pub(super) trending: Arc<[ProductId]>,
}

impl ModelSnapshot {
    /// A product's number.
    #[must_use]
    pub fn id(&self, sku: &str) -> Option<ProductId> {
        self.ids.get(sku).copied()
    }

    /// A product by its number.
    #[must_use]
    pub fn product(&self, product: ProductId) -> Option<&Product> {
        self.products.get(product.index()).map(Arc::as_ref)
    }

    /// The number of products.
    #[must_use]
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether there is no product.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    pub(super) fn neighbours(&self, product: ProductId) -> Option<&Neighbours> {
        self.neighbours.get(product.index()).map(Arc::as_ref)
    }

    pub(super) fn popularity(&self, product: ProductId) -> Popularity {
        self.popularities.get(product.index()).copied().unwrap_or_default()
    }

    pub(super) fn allows(&self, product: ProductId, policy: Policy) -> bool {
        self.traits.get(product.index()).is_some_and(|traits| policy.allows(traits))
    }
}
