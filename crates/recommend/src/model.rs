//! What carts teach: which products were met together, and in how many carts. Pure.
//!
//! Everything is a sum over carts, so it is kept exactly as items come and go: an item that comes into a cart meets
//! what is in it; one that goes takes back what its coming taught.

mod ranking;

pub use ranking::{Neighbour, Ranked, rank};

use std::collections::BTreeMap;

/// A cart teaches at most with so many products at a time. Without a limit a wholesaler's cart of 1,100 lines would
/// write 600,000 pairs, and tell little: what has everything in it doesn't show what belongs together.
pub const TEACHING_LIMIT: usize = 50;

/// A product in a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// How many pieces.
    pub quantity: i64,
    /// Grows in the order in which products came into the cart.
    pub place: i64,
    /// Whether it is counted as met with the cart's other items that taught. Decided when it comes in, and kept: an
    /// item that came when the cart taught enough is not counted later, when another one has gone.
    pub taught: bool,
}

/// What is in a cart, by SKU: all of it, or as much as there is to know for the changes at hand (the items that
/// taught, and those that change).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    items: BTreeMap<String, Item>,
}

/// One change of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// There are so many pieces of the product now; `place` counts if it is new.
    Put {
        /// The product.
        sku: String,
        /// At least 1.
        quantity: i64,
        /// See [`Item::place`].
        place: i64,
    },
    /// The product is gone.
    Take {
        /// The product.
        sku: String,
    },
}

/// Numbers of carts in which two products meet, or differences of them. Each pair is kept once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    carts: BTreeMap<(String, String), i64>,
}

impl Change {
    /// The product that changes.
    #[must_use]
    pub fn sku(&self) -> &str {
        let (Self::Put { sku, .. } | Self::Take { sku }) = self;
        sku
    }
}

impl Basket {
    /// Adds an item as it is known.
    pub fn insert(&mut self, sku: String, item: Item) {
        self.items.insert(sku, item);
    }

    /// The item of a product.
    #[must_use]
    pub fn get(&self, sku: &str) -> Option<&Item> {
        self.items.get(sku)
    }

    /// Changes the basket, and adds what the change teaches to `pairs`.
    pub fn apply(&mut self, change: &Change, pairs: &mut Pairs) {
        match change {
            Change::Put { sku, quantity, place } => match self.items.get_mut(sku) {
                Some(item) => item.quantity = *quantity,
                None => self.come(sku, *quantity, *place, pairs),
            },
            Change::Take { sku } => {
                if self.items.remove(sku).is_some_and(|item| item.taught) {
                    self.meet(sku, -1, pairs);
                }
            }
        }
    }

    /// All pairs that the basket teaches, counted anew.
    pub fn count(&self, pairs: &mut Pairs) {
        let mut met = Self::default();
        for (sku, item) in self.items.iter().filter(|(_, item)| item.taught) {
            met.meet(sku, 1, pairs);
            met.items.insert(sku.clone(), *item);
        }
    }

    fn come(&mut self, sku: &str, quantity: i64, place: i64, pairs: &mut Pairs) {
        let taught = self.teaching().count() < TEACHING_LIMIT;
        if taught {
            self.meet(sku, 1, pairs);
        }
        self.items.insert(sku.to_owned(), Item { quantity, place, taught });
    }

    fn meet(&self, sku: &str, carts: i64, pairs: &mut Pairs) {
        for other in self.teaching() {
            pairs.add(sku, other, carts);
        }
    }

    fn teaching(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter(|(_, item)| item.taught).map(|(sku, _)| sku.as_str())
    }
}

impl Pairs {
    /// Counts so many more carts for a pair, whichever way round it is given.
    pub fn add(&mut self, sku: &str, other: &str, carts: i64) {
        let (first, second) = if sku < other { (sku, other) } else { (other, sku) };
        *self.carts.entry((first.to_owned(), second.to_owned())).or_default() += carts;
    }

    /// Every pair whose number is not 0, sorted: the first product, the second, the number.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        let pairs = self.carts.iter().map(|((sku, other), carts)| (sku.as_str(), other.as_str(), *carts));
        pairs.filter(|(_, _, carts)| *carts != 0)
    }
}

#[cfg(test)]
mod tests;
