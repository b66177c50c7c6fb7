//! The rules of stock and holds. No I/O.

mod allocation;
mod hold;
mod movements;
mod pieces;

use std::collections::BTreeSet;

pub use allocation::{Allocation, Cut, Filled, Outcome};
pub use hold::{CartLine, Hold, Place};
pub use movements::{Movement, Reason, movements};
pub use pieces::{MAIN, Pieces};

/// How many pieces of an SKU there are. Always `0 <= held <= on_hand`, at each location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// In the warehouse, held ones included.
    pub on_hand: Pieces,
    /// Held for carts.
    pub held: Pieces,
    /// Whether anybody ever counted or received it: until then, no event said that there is none.
    pub counted: bool,
    /// Its own threshold: with this many available, or fewer, it is low.
    pub low_at: Option<i64>,
}

/// How much of an SKU can be promised, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Nothing.
    SoldOut,
    /// Little.
    Low,
    /// Enough.
    InStock,
}

impl Stock {
    /// How many pieces no cart holds.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.on_hand.total() - self.held.total()
    }

    /// How many pieces at a location no cart holds.
    #[must_use]
    pub fn free_at(&self, location: &str) -> i64 {
        self.on_hand.at(location) - self.held.at(location)
    }

    /// How much that is, in words; `low_at` is for SKUs of which nothing else was said.
    #[must_use]
    pub fn level(&self, low_at: i64) -> Level {
        match self.available() {
            ..=0 => Level::SoldOut,
            few if few <= self.low_at.unwrap_or(low_at) => Level::Low,
            _ => Level::InStock,
        }
    }

    /// The locations where it is, by name.
    #[must_use]
    pub fn locations(&self) -> BTreeSet<&str> {
        self.on_hand.locations().chain(self.held.locations()).collect()
    }

    /// After this many pieces came to a location, or left it, and none if these are more than can be counted. Less than
    /// what is held can be left: see [`Allocation::cut`].
    #[must_use]
    pub fn with_moved(&self, location: &str, pieces: i64) -> Option<Self> {
        self.on_hand.total().checked_add(pieces)?;
        let mut moved = self.clone();
        moved.on_hand.add(location, pieces);
        moved.counted = true;
        Some(moved)
    }

    /// Holds up to this many pieces: from the location with most of them that are free, then from the next.
    fn take(&mut self, wanted: i64) -> Pieces {
        let mut taken = Pieces::default();
        while taken.total() < wanted {
            let places = self.locations().into_iter().map(|location| (self.free_at(location), location));
            // The first of those with as many.
            let most = places.reduce(|most, next| if next.0 > most.0 { next } else { most });
            let Some((free @ 1.., location)) = most else { break };
            let (some, location) = (free.min(wanted - taken.total()), location.to_owned());
            self.held.add(&location, some);
            taken.add(&location, some);
        }
        taken
    }
}

#[cfg(test)]
mod tests;
