//! Less is there than is held: what is taken from whom.

use std::cmp::Reverse;

use super::Allocation;
use crate::stock::hold::{CartLine, Hold};

/// A line from which something was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The line.
    pub line: CartLine,
    /// How many pieces it wants.
    pub wanted: i64,
    /// How many of them are left.
    pub held: i64,
    /// How many were taken.
    pub cut: i64,
}

impl Allocation {
    /// How many pieces more are held at a location than are there.
    #[must_use]
    pub fn held_beyond(&self, sku: &str, location: &str) -> i64 {
        self.stock.get(sku).map_or(0, |stock| (-stock.free_at(location)).max(0))
    }

    /// Takes from the lines that hold at a location what is not there any more, from the newest line first. They wait then,
    /// in their order. All lines that hold there must be known, or enough of the newest.
    pub fn cut(&mut self, sku: &str, location: &str) -> Vec<Cut> {
        let mut newest: Vec<(CartLine, Hold)> = self
            .holds()
            .iter()
            .filter(|(line, hold)| line.sku == sku && hold.held.at(location) > 0)
            .map(|(line, hold)| (line.clone(), hold.clone()))
            .collect();
        newest.sort_by_key(|(line, hold)| Reverse((hold.since, line.cart_id)));
        let mut cuts = Vec::new();
        for (line, mut hold) in newest {
            let cut = self.held_beyond(sku, location).min(hold.held.at(location));
            if cut == 0 {
                break;
            }
            hold.held.add(location, -cut);
            self.stock.entry(sku.to_owned()).or_default().held.add(location, -cut);
            cuts.push((Cut { line, wanted: hold.wanted, held: hold.held.total(), cut }, hold));
        }
        // The line that has waited for longer gets the better place.
        cuts.reverse();
        for (Cut { line, .. }, hold) in &cuts {
            self.remove(line);
            self.wait_or_not(line.clone(), hold.clone());
        }
        cuts.into_iter().map(|(cut, _)| cut).collect()
    }
}
