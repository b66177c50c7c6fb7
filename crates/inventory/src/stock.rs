//! The rules of stock and holds. No I/O.

use std::collections::BTreeMap;

use uuid::Uuid;

/// How many pieces of an SKU there are. Always `0 <= held <= on_hand`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// In the warehouse, held ones included.
    pub on_hand: i64,
    /// Held for carts.
    pub held: i64,
    /// Whether anybody ever counted or received it: until then nobody was told that there is none.
    pub counted: bool,
}

impl Stock {
    /// How many pieces no cart holds.
    #[must_use]
    pub fn available(self) -> i64 {
        self.on_hand - self.held
    }

    /// With this many pieces that can be promised, over and above those that are held. None if these are more than can
    /// be counted.
    #[must_use]
    pub fn with_available(self, available: i64) -> Option<Self> {
        Some(Self { on_hand: self.held.checked_add(available)?, counted: true, ..self })
    }

    /// After `quantity` pieces came in. None if these are more than can be counted.
    #[must_use]
    pub fn with_received(self, quantity: i64) -> Option<Self> {
        Some(Self { on_hand: self.on_hand.checked_add(quantity)?, counted: true, ..self })
    }
}

/// Whether a product can be had again, or can't be had any more.
#[must_use]
pub fn availability_changed(before: i64, now: i64) -> bool {
    (before == 0) != (now == 0)
}

/// A cart's line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CartLine {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
}

/// What a line wants and what it gets. Always `0 <= held <= wanted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// How many pieces the line has in the cart.
    pub wanted: i64,
    /// How many are held for it.
    pub held: i64,
}

/// The outcome for a line whose quantity changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that it wants is held.
    Held {
        /// How many pieces.
        held: i64,
    },
    /// Less than it wants is held: all that there was.
    Short {
        /// What it wants.
        wanted: i64,
        /// What it got.
        held: i64,
    },
    /// It is gone, and so is its hold.
    Released {
        /// How many pieces were given back.
        released: i64,
    },
}

/// A part of the warehouse: some SKUs and some lines. The lines' SKUs are among them; other lines may hold of the same
/// SKUs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warehouse {
    /// Per SKU; one that is not here has nothing.
    pub stock: BTreeMap<String, Stock>,
    /// Per line; one that is not here holds nothing.
    pub holds: BTreeMap<CartLine, Hold>,
}

impl Warehouse {
    /// How many pieces of an SKU no cart holds.
    #[must_use]
    pub fn available(&self, sku: &str) -> i64 {
        self.stock.get(sku).map_or(0, |stock| stock.available())
    }

    /// Sets what a line wants and what is held for it, 0 when it is gone, as it was decided before.
    pub fn set_hold(&mut self, line: &CartLine, wanted: i64, held: i64) {
        let stock = self.stock.entry(line.sku.clone()).or_default();
        let before = self.holds.remove(line).map_or(0, |hold| hold.held);
        stock.held += held - before;
        if wanted > 0 {
            self.holds.insert(line.clone(), Hold { wanted, held });
        }
    }

    /// Sets how many pieces a line wants, 0 when it is gone: it gets what there is.
    pub fn set_wanted(&mut self, line: &CartLine, wanted: i64) -> Outcome {
        let stock = self.stock.entry(line.sku.clone()).or_default();
        let before = self.holds.get(line).map_or(0, |hold| hold.held);
        let held = wanted.min(before + stock.available());
        stock.held += held - before;
        if wanted == 0 {
            self.holds.remove(line);
            return Outcome::Released { released: before };
        }
        self.holds.insert(line.clone(), Hold { wanted, held });
        if held == wanted { Outcome::Held { held } } else { Outcome::Short { wanted, held } }
    }
}

#[cfg(test)]
mod tests;
