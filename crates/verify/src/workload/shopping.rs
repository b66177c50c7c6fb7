//! What a client does next with a cart.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::products;
use crate::history::RequestedChange;

/// Which changes clients make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repertoire {
    /// Additions, quantities, removals: what every release knows.
    Basic,
    /// All.
    Full,
}

/// What a client knows of a cart, which others may change too.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The products in it.
    pub lines: Vec<String>,
    /// Those that are saved for later.
    pub saved: Vec<String>,
}

impl Repertoire {
    /// Chooses a change of a cart of which this is known. Most are additions and quantities.
    pub fn choose(self, known: &Known, random: &mut StdRng) -> RequestedChange {
        let (kind, quantity) = (random.random_range(0..100), random.random_range(1..=9));
        let new = RequestedChange::Add { sku: products::sku(random), quantity };
        let Some(sku) = known.lines.choose(random).cloned() else { return new };
        let saved = known.saved.choose(random).cloned();
        match (kind, saved) {
            (0..20, _) => RequestedChange::SetQuantity { sku, quantity },
            (20..29, _) => RequestedChange::Remove { sku },
            _ if self == Self::Basic => new,
            (29..39, _) => {
                let item = |_| (products::sku(random), quantity);
                RequestedChange::AddMany { items: (0..random_length(quantity)).map(item).collect() }
            }
            (39..45, _) => RequestedChange::SaveForLater { sku },
            (45..52, Some(sku)) => RequestedChange::MoveBack { sku },
            (52..54, _) => RequestedChange::Clear,
            _ => new,
        }
    }
}

/// Two to five items.
fn random_length(quantity: i64) -> i64 {
    2 + quantity % 4
}

impl Known {
    /// After a change that was acknowledged.
    pub fn apply(&mut self, change: &RequestedChange) {
        match change {
            RequestedChange::Add { sku, .. } => self.put(sku),
            RequestedChange::AddMany { items } => items.iter().for_each(|(sku, _)| self.put(sku)),
            RequestedChange::Remove { sku } => self.lines.retain(|line| line != sku),
            RequestedChange::Clear => self.lines.clear(),
            RequestedChange::SaveForLater { sku } => {
                self.lines.retain(|line| line != sku);
                self.saved.retain(|line| line != sku);
                self.saved.push(sku.clone());
            }
            RequestedChange::MoveBack { sku } => {
                self.saved.retain(|line| line != sku);
                self.put(sku);
            }
            RequestedChange::SetQuantity { .. } | RequestedChange::Merge { .. } | RequestedChange::Delete => {
            }
        }
    }

    /// After another cart was merged into it.
    pub fn merge(&mut self, other: Self) {
        other.lines.iter().for_each(|sku| self.put(sku));
        self.saved.retain(|sku| !other.saved.contains(sku));
        self.saved.extend(other.saved);
    }

    fn put(&mut self, sku: &str) {
        if !self.lines.iter().any(|line| line == sku) {
            self.lines.push(sku.to_owned());
        }
    }
}
