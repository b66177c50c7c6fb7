mod cut_holds;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Stock;
use super::hold::{CartLine, Hold, Place};
use super::pieces::Pieces;

pub use cut_holds::Cut;

/// The outcome for a line whose quantity changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that it wants is held.
    Held {
        /// How many pieces.
        held: i64,
    },
    /// Less than it wants is held: all that there was. It waits for the rest.
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

/// A line that had been short, and got something that came free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The line.
    pub line: CartLine,
    /// How many pieces it wants.
    pub wanted: i64,
    /// How many of them are held now.
    pub held: i64,
    /// How many of these it got now.
    pub filled: i64,
}

/// A part of the warehouse: some SKUs and some lines. The lines' SKUs are among them; other lines may hold of the same
/// SKUs. Where something can come free, the first ones that wait for it are among the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allocation {
    /// Per SKU; one that is not here has nothing.
    pub stock: BTreeMap<String, Stock>,
    holds: BTreeMap<CartLine, Hold>,
    /// Of each SKU the lines that wait, in order.
    waiting: BTreeMap<String, BTreeSet<(Place, Uuid)>>,
    new_places: u32,
}

impl Allocation {
    /// A part of the warehouse.
    #[must_use]
    pub fn new(stock: BTreeMap<String, Stock>, holds: impl IntoIterator<Item = (CartLine, Hold)>) -> Self {
        let mut allocation = Self { stock, ..Self::default() };
        allocation.add_lines(holds);
        allocation
    }

    /// Lines that are known now, too.
    pub fn add_lines(&mut self, holds: impl IntoIterator<Item = (CartLine, Hold)>) {
        for (line, hold) in holds {
            self.put(line, hold);
        }
    }

    /// Per line; one that is not here holds nothing.
    #[must_use]
    pub fn holds(&self) -> &BTreeMap<CartLine, Hold> {
        &self.holds
    }

    /// The lines of a cart, as far as they are here.
    #[must_use]
    pub fn lines_of(&self, cart_id: Uuid) -> Vec<CartLine> {
        let first = CartLine { cart_id, sku: String::new() };
        let of_cart = self.holds.range(first..).take_while(|(line, _)| line.cart_id == cart_id);
        of_cart.map(|(line, _)| line.clone()).collect()
    }

    /// How many pieces of an SKU no cart holds.
    #[must_use]
    pub fn available(&self, sku: &str) -> i64 {
        self.stock.get(sku).map_or(0, Stock::available)
    }

    /// Sets what a line wants and what is held for it, 0 when it is gone, as it was decided before.
    pub fn set_hold(&mut self, line: &CartLine, wanted: i64, held: i64) {
        let before = self.remove(line).unwrap_or_default();
        let stock = self.stock.entry(line.sku.clone()).or_default();
        stock.held.remove_all(&before.held);
        let mut pieces = stock.take(held);
        let beyond = held - pieces.total();
        stock.held.add(super::MAIN, beyond);
        pieces.add(super::MAIN, beyond);
        if wanted > 0 {
            self.wait_or_not(line.clone(), Hold { wanted, held: pieces, lapsed: false, ..before });
        }
    }

    /// Sets how many pieces a line wants, 0 when it is gone: it gets what there is. What it gives back goes to those who
    /// wait.
    pub fn set_wanted(&mut self, line: &CartLine, wanted: i64) -> (Outcome, Vec<Filled>) {
        let mut kept = self.remove(line).unwrap_or_default();
        let stock = self.stock.entry(line.sku.clone()).or_default();
        let before = kept.held.total();
        let lacking = wanted - before;
        if lacking < 0 {
            let released = kept.held.split_off(-lacking);
            stock.held.remove_all(&released);
        } else {
            kept.held.add_all(&stock.take(lacking));
        }
        let held = kept.held.total();
        if wanted > 0 {
            self.wait_or_not(line.clone(), Hold { wanted, lapsed: false, ..kept });
        }
        let outcome = match wanted {
            0 => Outcome::Released { released: before },
            _ if held == wanted => Outcome::Held { held },
            _ => Outcome::Short { wanted, held },
        };
        (outcome, self.fill(&line.sku))
    }

    /// Nothing is held any more for a line that stays in its cart, and it doesn't wait. How many pieces it had; none if
    /// there was nothing to lapse.
    pub fn lapse(&mut self, line: &CartLine) -> Option<i64> {
        let before = self.remove(line)?;
        self.stock.entry(line.sku.clone()).or_default().held.remove_all(&before.held);
        let released = (!before.lapsed).then_some(before.held.total());
        let lapsed = Hold { held: Pieces::default(), place: None, lapsed: true, ..before };
        self.put(line.clone(), lapsed);
        released
    }

    /// The line is gone. How many pieces it had.
    pub fn release(&mut self, line: &CartLine) -> i64 {
        let Some(hold) = self.remove(line) else { return 0 };
        self.stock.entry(line.sku.clone()).or_default().held.remove_all(&hold.held);
        hold.held.total()
    }

    /// All that a cart's line has goes to the same product's line of another cart, its place in the waiting line included; of
    /// two places, the older one is kept. The caller must then set what the other line wants.
    pub fn move_hold(&mut self, line: &CartLine, to: Uuid) {
        let Some(moved) = self.remove(line) else { return };
        let target = CartLine { cart_id: to, sku: line.sku.clone() };
        let mut hold = self.remove(&target).unwrap_or_default();
        hold.held.add_all(&moved.held);
        hold.wanted += moved.wanted;
        hold.place = [hold.place, moved.place].into_iter().flatten().min();
        hold.since = [hold.since, moved.since].into_iter().flatten().min();
        hold.lapsed = false;
        self.put(target, hold);
    }

    /// Gives what is free to those who wait for it, in their order.
    pub fn fill(&mut self, sku: &str) -> Vec<Filled> {
        let mut filled = Vec::new();
        while self.available(sku) > 0
            && let Some((_, cart_id)) = self.waiting.get(sku).and_then(BTreeSet::first).copied()
        {
            let line = CartLine { cart_id, sku: sku.to_owned() };
            let Some(mut kept) = self.remove(&line) else { break };
            let pieces = self.stock.entry(sku.to_owned()).or_default().take(kept.shortage());
            kept.held.add_all(&pieces);
            let (wanted, held) = (kept.wanted, kept.held.total());
            filled.push(Filled { line: line.clone(), wanted, held, filled: pieces.total() });
            self.wait_or_not(line, kept);
        }
        filled
    }

    /// Keeps the hold, in the waiting line if it is short: where it stood, or at the end.
    pub(super) fn wait_or_not(&mut self, line: CartLine, mut hold: Hold) {
        if hold.shortage() == 0 {
            hold.place = None;
        } else if hold.place.is_none() {
            hold.place = Some(Place::New(self.new_places));
            self.new_places += 1;
        }
        self.put(line, hold);
    }

    fn put(&mut self, line: CartLine, hold: Hold) {
        if let Some(place) = hold.place {
            self.waiting.entry(line.sku.clone()).or_default().insert((place, line.cart_id));
        }
        self.holds.insert(line, hold);
    }

    pub(super) fn remove(&mut self, line: &CartLine) -> Option<Hold> {
        let hold = self.holds.remove(line)?;
        if let (Some(place), Some(waiting)) = (hold.place, self.waiting.get_mut(&line.sku)) {
            waiting.remove(&(place, line.cart_id));
        }
        Some(hold)
    }
}
