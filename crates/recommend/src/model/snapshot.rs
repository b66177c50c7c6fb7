//! What readers see. Pictures of the model are swapped in whole: nobody who reads waits for the one who writes.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use rustc_hash::FxBuildHasher;
use uuid::Uuid;

use super::popularity::{Extremes, Popularity};
use super::product::{Product, ProductId, Traits};
use super::ranking::{Policy, Suggestion};
use super::row::Row;

/// Products' numbers by SKU.
pub type Numbers = HashMap<Box<str>, ProductId, FxBuildHasher>;

/// Shared by one who writes and any who read.
#[derive(Default)]
pub struct Showcase {
    picture: ArcSwap<Picture>,
    /// What is in the carts, in the order in which it came. Beside the picture: there are far more carts than products.
    carts: papaya::HashMap<Uuid, Arc<[ProductId]>>,
}

/// The model at one moment.
#[derive(Clone, Default)]
pub struct Picture {
    pub(super) numbers: Arc<Numbers>,
    /// By number.
    pub(super) products: Arc<Vec<Arc<Product>>>,
    /// By number.
    pub(super) traits: Arc<Vec<Traits>>,
    /// By number.
    pub(super) rows: Vec<Arc<Row>>,
    /// By number.
    pub(super) popularities: Arc<[Popularity]>,
    pub(super) extremes: Extremes,
    /// The products that are popular now, the strongest first.
    pub(super) trending: Arc<[ProductId]>,
}

impl Showcase {
    /// The model now. To be kept for one answer, so that all of it speaks of one moment.
    #[must_use]
    pub fn picture(&self) -> Guard<Arc<Picture>> {
        self.picture.load()
    }

    /// The products that go with a cart; with one that nothing is known of, what is popular now.
    #[must_use]
    pub fn suggestions(&self, cart: Uuid, policy: Policy) -> Vec<Suggestion> {
        let items = self.carts.pin().get(&cart).cloned();
        self.picture().completing(items.as_deref().unwrap_or_default(), policy)
    }

    pub(super) fn clear(&self) {
        self.show(Picture::default());
        self.carts.pin().clear();
    }

    /// Shows another picture. Returns the last one, which some may still be looking at.
    pub(super) fn show(&self, picture: Picture) -> Arc<Picture> {
        self.picture.swap(Arc::new(picture))
    }

    pub(super) fn put_cart(&self, cart: Uuid, items: Arc<[ProductId]>) {
        self.carts.pin().insert(cart, items);
    }

    pub(super) fn take_cart(&self, cart: Uuid) {
        self.carts.pin().remove(&cart);
    }
}

impl Picture {
    /// A product's number.
    #[must_use]
    pub fn number(&self, sku: &str) -> Option<ProductId> {
        self.numbers.get(sku).copied()
    }

    /// A product by its number.
    #[must_use]
    pub fn product(&self, product: ProductId) -> Option<&Product> {
        self.products.get(product.index()).map(Arc::as_ref)
    }

    /// How many products there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    pub(super) fn row(&self, product: ProductId) -> Option<&Row> {
        self.rows.get(product.index()).map(Arc::as_ref)
    }

    pub(super) fn popularity(&self, product: ProductId) -> Popularity {
        self.popularities.get(product.index()).copied().unwrap_or_default()
    }
}
