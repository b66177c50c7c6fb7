//! What is in a cart, and what the model learns from it.

use serde::{Deserialize, Serialize};

use super::change::Shopper;
use super::decay::Hour;
use super::product::ProductId;

/// The model learns from this many products of a cart, the first that were added. A wholesaler's cart of 1,100 lines
/// says little about what goes together, and a bot's cart of 100,000 must not create five billion pairs.
pub const MAX_PRODUCTS_PER_CART: usize = 100;

/// The size of an open cart is rounded up to one of these.
const SIZE_STEPS: [u8; 10] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 100];

/// The weight of a cart of n products is n to the power of minus this: a large cart says less about what goes together.
const SIZE_EXPONENT: f64 = 0.8;

/// A cart as the model knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// The version of the last change that was learned.
    pub version: i64,
    /// Its products in the order in which they were added, with the hour of the addition.
    pub items: Vec<(ProductId, Hour)>,
    /// Its shopper, and the hour in which the shopper became known.
    pub shopper: Option<(Shopper, Hour)>,
    /// Whether it is beyond its shopper's quota, so that nothing is learned from it.
    pub muted: bool,
    /// Whether it changes no more.
    pub closed: bool,
}

/// What a cart adds to the model's sums. It depends on the cart's content alone, so whatever happened in between leaves
/// no trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contribution {
    /// The products, in the order in which they were added.
    pub products: Vec<ProductId>,
    /// When the first of them was added.
    pub hour: Hour,
    /// The weight of each product and of each pair, before decay. It is smaller in a large cart.
    pub share: f64,
}

impl Cart {
    /// Adds a product, unless the cart has it.
    pub fn add(&mut self, product: ProductId, hour: Hour) {
        if self.items.iter().all(|(item, _)| *item != product) {
            self.items.push((product, hour));
        }
    }

    /// Removes a product, if the cart has it.
    pub fn remove(&mut self, product: ProductId) {
        if let Some(index) = self.items.iter().position(|(item, _)| *item == product) {
            self.items.remove(index);
        }
    }

    /// Its products in the order in which they were added.
    pub fn products(&self) -> impl Iterator<Item = ProductId> {
        self.items.iter().map(|(product, _)| *product)
    }

    /// What it adds to the sums now. The size of an open cart is rounded up: if each addition changed the weight of all
    /// pairs, a cart of a hundred products would be learned a hundred times.
    #[must_use]
    pub fn contribution(&self) -> Contribution {
        let learned = if self.muted { 0 } else { self.items.len().min(MAX_PRODUCTS_PER_CART) };
        let items = &self.items[..learned];
        let size = if self.closed { learned as f64 } else { f64::from(rounded_up(learned)) };
        Contribution {
            products: items.iter().map(|(product, _)| *product).collect(),
            hour: items.first().map_or(Hour::default(), |(_, hour)| *hour),
            share: size.max(1.0).powf(-SIZE_EXPONENT),
        }
    }
}

fn rounded_up(size: usize) -> u8 {
    let step = SIZE_STEPS.iter().find(|step| usize::from(**step) >= size);
    *step.unwrap_or(&u8::MAX)
}
