//! The model: learns which products go together from each change of a cart, and publishes what it learned to readers
//! that never wait. Pure: no I/O, no clock.
//!
//! [`Model::learn`] applies a [`Change`] to the [sums](Cooccurrence) over all carts; whatever the cart contributed
//! before is taken away exactly. [`Model::refresh`] computes the [neighbours](neighbours::Neighbours) of the products
//! whose sums changed, and publishes a new [`ModelSnapshot`] through the [`ModelHandle`]. [`ranking`] answers from a
//! snapshot.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "sums are exact; what is computed from them is only compared, and needs few digits"
)]

mod cart;
mod change;
mod changed_since_snapshot;
mod cooccurrence;
mod cosine_scale;
mod decay;
mod ease;
mod model_handle;
mod neighbours;
mod pairs;
mod popularity;
mod product;
mod product_index;
pub mod ranking;
mod serialization;
mod shopper_quota;
mod similarity;
mod snapshot;
mod suggestion;
mod variants;

use std::sync::Arc;

use uuid::Uuid;

use self::cart::Cart;
use self::changed_since_snapshot::ChangedSinceSnapshot;
use self::cosine_scale::CosineScale;
use self::neighbours::Neighbours;
use self::popularity::{Popularity, PopularityRange, most_popular, popularities, trending};
use self::serialization::Learned;
use self::similarity::Similarity;

pub use cart::MAX_PRODUCTS_PER_CART;
pub use change::{CartChange, CartChangeKind, Change, ProductChange, ProductChangeKind, Shopper};
pub use cooccurrence::{Cooccurrence, ProductSums};
pub use decay::Hour;
pub use ease::{EaseWeights, GramMatrix, MAX_SOLVED_PRODUCTS};
pub use model_handle::ModelHandle;
pub use product::{Product, ProductId};
pub use serialization::SnapshotError;
pub use shopper_quota::MAX_CARTS_PER_SHOPPER_AND_DAY;
pub use snapshot::ModelSnapshot;
pub use suggestion::{Policy, Reason, Suggestion};

/// The number of products that are kept as popular now.
const MAX_TRENDING: usize = 200;

/// The number of popular products that are added to each product's list, for where little is known about it.
const POPULAR_IN_LISTS: usize = 20;

/// The model as its one writer has it.
#[derive(Default)]
pub struct Model {
    learned: Learned,
    ease: EaseWeights,
    cosine_scale: CosineScale,
    neighbours: Vec<Arc<Neighbours>>,
    stale: ChangedSinceSnapshot,
    handle: Arc<ModelHandle>,
    /// Older snapshots that readers may still be using.
    replaced: Vec<Arc<ModelSnapshot>>,
}

impl Model {
    /// Learns a change. One that was learned before changes nothing.
    pub fn learn(&mut self, change: &Change) {
        match change {
            Change::Cart(change) => self.learn_cart_change(change),
            Change::Product(change) => self.learned.products.apply(change),
        }
    }

    /// A closed cart is dropped, so none of its changes may come again: the inbox makes sure of that. Several changes may come
    /// of one event, a snapshot.
    fn learn_cart_change(&mut self, change: &CartChange) {
        let id = change.cart;
        if self.learned.carts.get(&id).is_some_and(|cart| change.version < cart.version) {
            return;
        }
        let hour = Hour::from(change.at);
        match &change.what {
            CartChangeKind::Added { sku } => {
                let product = self.learned.products.id(sku);
                self.change_cart(id, |cart| cart.add(product, hour));
            }
            CartChangeKind::Removed { sku } => {
                let product = self.learned.products.id(sku);
                self.change_cart(id, |cart| cart.remove(product));
            }
            CartChangeKind::Attached { shopper } => self.attach(id, *shopper, hour),
            CartChangeKind::Closed => self.change_cart(id, |cart| cart.closed = true),
        }
        if change.what == CartChangeKind::Closed {
            self.learned.carts.remove(&id);
        } else if let Some(cart) = self.learned.carts.get_mut(&id) {
            cart.version = change.version;
        }
    }

    /// Changes a cart, and with it what it contributes to the sums.
    fn change_cart(&mut self, id: Uuid, change: impl FnOnce(&mut Cart)) {
        let cart = self.learned.carts.entry(id).or_default();
        let before = cart.contribution();
        change(cart);
        let now = cart.contribution();
        self.stale.carts.insert(id);
        self.learned.sums.replace(&before, &now, |product| self.stale.add(product));
    }

    fn attach(&mut self, id: Uuid, shopper: Shopper, hour: Hour) {
        let mut changed = Vec::new();
        if let Some((other, since)) = self.learned.carts.get(&id).and_then(|cart| cart.shopper) {
            changed.extend(self.learned.shoppers.remove(other, since, id));
        }
        changed.extend(self.learned.shoppers.add(shopper, hour, id));
        self.change_cart(id, |cart| (cart.shopper, cart.muted) = (Some((shopper, hour)), false));
        for (cart, muted) in changed {
            // A closed cart keeps its contribution.
            if self.learned.carts.contains_key(&cart) {
                self.change_cart(cart, |cart| cart.muted = muted);
            }
        }
    }

    /// Publishes what was learned. Computes the neighbours of at most `limit` products whose sums changed, and
    /// returns how many such products are left.
    pub fn refresh(&mut self, limit: usize) -> usize {
        let popularities = popularities(&self.learned.sums);
        self.refresh_neighbours(limit, &popularities);
        // Dropping the last reference to a snapshot frees every list that only it has. That is the writer's work: it
        // would delay a reader's answer.
        self.replaced.retain(|snapshot| Arc::strong_count(snapshot) > 1);
        self.replaced.push(self.handle.publish(ModelSnapshot {
            ids: self.learned.products.ids(),
            products: self.learned.products.list(),
            traits: self.learned.products.traits(),
            neighbours: self.neighbours.clone(),
            popularity_range: PopularityRange::of(&popularities),
            popularities,
            trending: trending(&self.learned.sums, MAX_TRENDING),
        }));
        for id in std::mem::take(&mut self.stale.carts) {
            match self.learned.carts.get(&id) {
                Some(cart) => self.handle.put_cart(id, cart.products().collect()),
                None => self.handle.remove_cart(id),
            }
        }
        self.stale.products()
    }

    fn refresh_neighbours(&mut self, limit: usize, popularities: &[Popularity]) {
        self.neighbours.resize_with(self.learned.products.list().len(), Arc::default);
        let sums = &self.learned.sums;
        let popular = most_popular(sums, POPULAR_IN_LISTS);
        let mut similarity =
            Similarity::new(sums, popularities, &popular, &self.ease, self.cosine_scale.mean());
        for product in self.stale.take(limit) {
            let (neighbours, greatest) = similarity.neighbours(product);
            self.cosine_scale.set(product, greatest);
            self.neighbours[product.index()] = Arc::new(neighbours);
        }
    }

    /// Replaces the EASE^R weights. Neighbours follow as they are [refreshed](Self::refresh).
    pub fn set_ease(&mut self, weights: EaseWeights) {
        self.ease = weights;
        self.all_products_are_stale();
    }

    fn all_products_are_stale(&mut self) {
        (0..self.learned.sums.products().len()).for_each(|product| self.stale.add(product.into()));
    }

    fn all_is_stale(&mut self) {
        self.all_products_are_stale();
        self.stale.carts.extend(self.learned.carts.keys());
    }

    /// Whether readers see everything that was learned.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.stale.is_empty()
    }

    /// The most popular products in all, the most popular first.
    #[must_use]
    pub fn most_popular(&self, limit: usize) -> Arc<[ProductId]> {
        most_popular(&self.learned.sums, limit)
    }

    /// The sums over all carts.
    #[must_use]
    pub fn sums(&self) -> &Cooccurrence {
        &self.learned.sums
    }

    /// Publishes through this handle from now on. What was published there before is gone.
    pub fn publish_through(&mut self, handle: Arc<ModelHandle>) {
        handle.clear();
        self.handle = handle;
        self.all_is_stale();
    }

    /// The handle through which readers reach what is published.
    #[must_use]
    pub fn handle(&self) -> Arc<ModelHandle> {
        self.handle.clone()
    }

    /// Everything that was learned, as the parts of a snapshot to be saved. EASE^R's weights are not in it: they are
    /// solved for again.
    ///
    /// # Errors
    /// When a part can't be written, for which no cause is known.
    pub fn serialize(&self) -> Result<Vec<Vec<u8>>, SnapshotError> {
        self.learned.serialize()
    }

    /// The model from all parts of a saved snapshot.
    ///
    /// # Errors
    /// When a part can't be read, or one is missing.
    pub fn deserialize(parts: &[Vec<u8>]) -> Result<Self, SnapshotError> {
        let mut model = Self { learned: Learned::deserialize(parts)?, ..Self::default() };
        model.all_is_stale();
        Ok(model)
    }
}

#[cfg(test)]
mod tests;
