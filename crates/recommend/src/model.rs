//! The model: learns from each change of a cart what belongs together, exactly, and tells it to readers that never wait.
//! Pure: no I/O, no clock.
//!
//! [`Model::learn`] takes a [`Change`] and corrects the [`Statistics`]: sums over carts, from which whatever a cart
//! taught before is taken away exactly. [`Model::refresh`] makes the rows anew of the products whose sums changed, and
//! puts a new [`Picture`] on the [`Showcase`] that readers look at.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "sums are exact; what is computed from them is read by comparing, and needs few digits"
)]

mod cart;
mod change;
mod decay;
mod pairs;
mod popularity;
mod product;
mod products;
mod quality;
mod ranking;
mod row;
mod shoppers;
mod showcase;
mod snapshot;
mod statistics;
mod variants;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use uuid::Uuid;

use self::cart::Cart;
use self::popularity::{Extremes, Popularity, heaviest, popularities, trending};
use self::products::Products;
use self::row::{Row, Rows, Typical};
use self::shoppers::Shoppers;

pub use cart::TAUGHT_PER_CART;
pub use change::{CartChange, Change, InCart, OfProduct, ProductChange, Shopper};
pub use decay::Hour;
pub use product::{Product, ProductId};
pub use quality::{Gram, Quality, SOLVED_PRODUCTS};
pub use ranking::{LOOKED_AT, Policy, Reason, Suggestion, VARIANTS};
pub use shoppers::TAUGHT_CARTS_PER_DAY;
pub use showcase::{Picture, Showcase};
pub use snapshot::SnapshotError;
pub use statistics::{OfProduct as Sums, Statistics};

/// So many products are kept as popular now.
const TRENDING: usize = 200;

/// So many products are put into each product's list where little is known of it.
const POPULAR: usize = 20;

/// The model, as the one who writes it has it.
#[derive(Default)]
pub struct Model {
    products: Products,
    carts: HashMap<Uuid, Cart, FxBuildHasher>,
    shoppers: Shoppers,
    statistics: Statistics,
    quality: Quality,
    typical: Typical,
    rows: Vec<Arc<Row>>,
    showcase: Arc<Showcase>,
    stale: Stale,
    /// Pictures that readers may still look at.
    seen: Vec<Arc<Picture>>,
}

/// What readers don't see yet as it is.
#[derive(Default)]
struct Stale {
    /// Products whose rows are not true any more.
    products: Vec<ProductId>,
    is_listed: Vec<bool>,
    carts: BTreeSet<Uuid>,
}

impl Model {
    /// Learns a change. What is known already changes nothing.
    pub fn learn(&mut self, change: &Change) {
        match change {
            Change::Cart(change) => self.learn_of_cart(change),
            Change::Product(change) => self.products.learn(change),
        }
    }

    /// Forgetting a closed cart means that none of its changes may come again; whoever reads events sees to that.
    fn learn_of_cart(&mut self, change: &CartChange) {
        let id = change.cart;
        if self.carts.get(&id).is_some_and(|cart| change.version <= cart.version) {
            return;
        }
        let hour = Hour::from(change.at);
        match &change.what {
            InCart::Added { sku } => {
                let product = self.products.number(sku);
                self.change(id, |cart| cart.add(product, hour));
            }
            InCart::Removed { sku } => {
                let product = self.products.number(sku);
                self.change(id, |cart| cart.remove(product));
            }
            InCart::Attached { shopper } => self.attach(id, *shopper, hour),
            InCart::Closed => self.change(id, |cart| cart.closed = true),
        }
        if change.what == InCart::Closed {
            self.carts.remove(&id);
        } else if let Some(cart) = self.carts.get_mut(&id) {
            cart.version = change.version;
        }
    }

    /// Changes a cart, and with it what it teaches.
    fn change(&mut self, id: Uuid, change: impl FnOnce(&mut Cart)) {
        let cart = self.carts.entry(id).or_default();
        let before = cart.lesson();
        change(cart);
        let now = cart.lesson();
        self.stale.carts.insert(id);
        self.statistics.replace(&before, &now, |product| self.stale.add(product));
    }

    fn attach(&mut self, id: Uuid, shopper: Shopper, hour: Hour) {
        let mut judged = Vec::new();
        if let Some((other, since)) = self.carts.get(&id).and_then(|cart| cart.shopper) {
            judged.extend(self.shoppers.remove(other, since, id));
        }
        judged.extend(self.shoppers.add(shopper, hour, id));
        self.change(id, |cart| (cart.shopper, cart.muted) = (Some((shopper, hour)), false));
        for (cart, muted) in judged {
            // One that is closed keeps what it taught.
            if self.carts.contains_key(&cart) {
                self.change(cart, |cart| cart.muted = muted);
            }
        }
    }

    /// Shows readers what was learned. Of the products whose sums changed at most so many get new rows; returns how
    /// many are left.
    pub fn refresh(&mut self, most: usize) -> usize {
        let popularities = popularities(&self.statistics);
        self.refresh_rows(most, &popularities);
        // Whoever is last to look at a picture takes it down, with all rows that are only in it. That is work for the
        // writer: a reader would be late with its answer.
        self.seen.retain(|picture| Arc::strong_count(picture) > 1);
        self.seen.push(self.showcase.show(Picture {
            numbers: self.products.numbers(),
            products: self.products.list(),
            traits: self.products.traits(),
            rows: self.rows.clone(),
            extremes: Extremes::of(&popularities),
            popularities,
            trending: trending(&self.statistics, TRENDING),
        }));
        for id in std::mem::take(&mut self.stale.carts) {
            match self.carts.get(&id) {
                Some(cart) => self.showcase.put_cart(id, cart.products().collect()),
                None => self.showcase.take_cart(id),
            }
        }
        self.stale.products.len()
    }

    /// Those that were not true for longest come first, so that none waits for ever.
    fn refresh_rows(&mut self, most: usize, popularities: &[Popularity]) {
        self.rows.resize_with(self.products.list().len(), Arc::default);
        let number = self.stale.products.len().min(most);
        let due: Vec<ProductId> = self.stale.products.drain(..number).collect();
        let popular = heaviest(&self.statistics, POPULAR);
        let mut rows =
            Rows::new(&self.statistics, popularities, &popular, &self.quality, self.typical.mean());
        for product in due {
            self.stale.is_listed[product.index()] = false;
            let (row, most) = rows.row(product);
            self.typical.set(product, most);
            self.rows[product.index()] = Arc::new(row);
        }
    }

    /// Puts a new quality tier in the place of the last one. The rows follow as they are [refreshed](Self::refresh).
    pub fn improve(&mut self, quality: Quality) {
        self.quality = quality;
        self.rows_are_stale();
    }

    fn rows_are_stale(&mut self) {
        (0..self.statistics.products().len()).for_each(|product| self.stale.add(product.into()));
    }

    fn all_are_stale(&mut self) {
        self.rows_are_stale();
        self.stale.carts.extend(self.carts.keys());
    }

    /// Whether readers see all rows and carts as they are.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.stale.products.is_empty() && self.stale.carts.is_empty()
    }

    /// The products that weigh most, the strongest first.
    #[must_use]
    pub fn heaviest(&self, most: usize) -> Arc<[ProductId]> {
        heaviest(&self.statistics, most)
    }

    /// The sums.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Shows everything on this showcase from now on, and nothing else.
    pub fn show_on(&mut self, showcase: Arc<Showcase>) {
        showcase.clear();
        self.showcase = showcase;
        self.all_are_stale();
    }

    /// What readers look at.
    #[must_use]
    pub fn showcase(&self) -> Arc<Showcase> {
        self.showcase.clone()
    }
}

impl Stale {
    fn add(&mut self, product: ProductId) {
        if self.is_listed.len() <= product.index() {
            self.is_listed.resize(product.index() + 1, false);
        }
        if !std::mem::replace(&mut self.is_listed[product.index()], true) {
            self.products.push(product);
        }
    }
}

#[cfg(test)]
mod tests;
