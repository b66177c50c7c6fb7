//! What is in a cart, and what it teaches.

use serde::{Deserialize, Serialize};

use super::change::Shopper;
use super::decay::Hour;
use super::product::ProductId;

/// A cart teaches with so many products, the first that came. A wholesaler's cart of 1,100 lines tells little of what
/// belongs together, and a robot's cart of 100,000 must not write five billion pairs.
pub const TAUGHT_PER_CART: usize = 100;

/// The sizes that an open cart can have for its lesson: the next of them.
const STEPS: [u8; 10] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 100];

/// A cart of n products counts n to the power of minus this: much in it tells less of what belongs together.
const SIZE_EXPONENT: f64 = 0.8;

/// A cart as the model knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// The last change that was learned.
    pub version: i64,
    /// Its products in the order in which they came, with the hour of their coming.
    pub items: Vec<(ProductId, Hour)>,
    /// Whose it is, and since when, once that is known.
    pub shopper: Option<(Shopper, Hour)>,
    /// Whether its shopper teaches enough without it.
    pub muted: bool,
    /// Whether nothing changes any more.
    pub closed: bool,
}

/// What a cart teaches: that these products belong together. A pure function of what is in the cart, so whatever
/// happened in between leaves no trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lesson {
    /// The products, in the order in which they came.
    pub products: Vec<ProductId>,
    /// When the first of them came.
    pub hour: Hour,
    /// What a product, and a pair of them, counts: less in a large cart.
    pub share: f64,
}

impl Cart {
    /// Puts a product in. Nothing changes if it is there.
    pub fn add(&mut self, product: ProductId, hour: Hour) {
        if self.items.iter().all(|(item, _)| *item != product) {
            self.items.push((product, hour));
        }
    }

    /// Takes a product out. Nothing changes if it is not there.
    pub fn remove(&mut self, product: ProductId) {
        if let Some(place) = self.items.iter().position(|(item, _)| *item == product) {
            self.items.remove(place);
        }
    }

    /// Its products in the order in which they came.
    pub fn products(&self) -> impl Iterator<Item = ProductId> {
        self.items.iter().map(|(product, _)| *product)
    }

    /// What it teaches now. While the cart is open, its size is taken in steps: corrected with each product, a cart of
    /// a hundred would be learned a hundred times.
    #[must_use]
    pub fn lesson(&self) -> Lesson {
        let taught = if self.muted { 0 } else { self.items.len().min(TAUGHT_PER_CART) };
        let items = &self.items[..taught];
        let size = if self.closed { taught as f64 } else { f64::from(step(taught)) };
        Lesson {
            products: items.iter().map(|(product, _)| *product).collect(),
            hour: items.first().map_or(Hour::default(), |(_, hour)| *hour),
            share: size.max(1.0).powf(-SIZE_EXPONENT),
        }
    }
}

fn step(size: usize) -> u8 {
    let fits = STEPS.iter().find(|step| usize::from(**step) >= size);
    *fits.unwrap_or(&u8::MAX)
}
