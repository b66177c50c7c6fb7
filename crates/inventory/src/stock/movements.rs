//! The ledger of what changed the pieces on hand.

use std::collections::{BTreeMap, BTreeSet};

use super::Stock;

/// Why the pieces on hand are others now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Goods came in, with the receipt of this number.
    Receipt(i64),
    /// An adjustment was made, with this number.
    Adjustment(i64),
    /// Somebody counted them.
    Count,
    /// It is known only that there are others now: the database was restored from a backup.
    Unrecorded,
}

impl Reason {
    /// As the ledger names it.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Receipt(_) => "receipt",
            Self::Adjustment(_) => "adjustment",
            Self::Count => "count",
            Self::Unrecorded => "unrecorded",
        }
    }
}

/// A change of the pieces on hand at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement<'a> {
    /// The product.
    pub sku: &'a str,
    /// Where.
    pub location: &'a str,
    /// How many there were.
    pub before: i64,
    /// How many there are.
    pub after: i64,
}

/// What is different on hand after a change of stock.
#[must_use]
pub fn movements<'a>(
    before: &'a BTreeMap<String, Stock>,
    after: &'a BTreeMap<String, Stock>,
) -> Vec<Movement<'a>> {
    let mut movements = Vec::new();
    for (sku, after) in after {
        let before = before.get(sku);
        let known = before.into_iter().flat_map(|before| before.on_hand.locations());
        let locations: BTreeSet<&str> = after.on_hand.locations().chain(known).collect();
        for location in locations {
            let before = before.map_or(0, |before| before.on_hand.at(location));
            let after = after.on_hand.at(location);
            if before != after {
                movements.push(Movement { sku, location, before, after });
            }
        }
    }
    movements
}
