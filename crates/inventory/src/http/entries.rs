//! Validation of what operators send: lists of SKUs with numbers of pieces. No I/O.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use service::Sku;

use super::counts::{Count, Counts};
use super::types::{Location, StockEntry};

/// The most entries in one list.
pub const MOST_ENTRIES: usize = 10_000;
/// The most pieces in one entry: few enough that no sum of them comes near the end of the integers.
pub const MOST_PIECES: i64 = 1_000_000_000;

/// Why a list is refused. Entries count from 0. The wording is in `problems.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The list has no entries.
    Empty,
    /// It has more entries than one request may bring.
    TooMany(usize),
    /// The number of pieces is out of range.
    WrongNumber {
        /// Which entry.
        entry: usize,
        /// Its SKU.
        sku: String,
        /// What it has for a number.
        pieces: i64,
        /// The least that it may have.
        least: i64,
    },
    /// It changes nothing.
    NoChange {
        /// Which entry.
        entry: usize,
        /// Its SKU.
        sku: String,
    },
    /// It says nothing about the number of pieces, or says it twice.
    NotOneNumber {
        /// Which entry.
        entry: usize,
        /// Its SKU.
        sku: String,
    },
    /// An SKU is there twice.
    Duplicate {
        /// The later entry.
        entry: usize,
        /// The earlier one.
        first: usize,
        /// The SKU of both.
        sku: String,
    },
}

/// The entries by SKU, if each has another SKU and at least `least` pieces.
///
/// # Errors
/// The first entry that is wrong.
pub fn check(
    entries: impl ExactSizeIterator<Item = (Sku, i64)>,
    least: i64,
) -> Result<BTreeMap<String, i64>, Refusal> {
    if entries.len() > MOST_ENTRIES {
        return Err(Refusal::TooMany(entries.len()));
    }
    let mut checked: BTreeMap<String, (usize, i64)> = BTreeMap::new();
    for ((sku, pieces), entry) in entries.zip(0..) {
        let sku = String::from(sku);
        if !(least..=MOST_PIECES).contains(&pieces) {
            return Err(Refusal::WrongNumber { entry, sku, pieces, least });
        }
        if least < 0 && pieces == 0 {
            return Err(Refusal::NoChange { entry, sku });
        }
        match checked.entry(sku) {
            Entry::Vacant(place) => {
                place.insert((entry, pieces));
            }
            Entry::Occupied(place) => {
                let (first, sku) = (place.get().0, place.key().clone());
                return Err(Refusal::Duplicate { entry, first, sku });
            }
        }
    }
    Ok(checked.into_iter().map(|(sku, (_, pieces))| (sku, pieces)).collect())
}

/// What was counted, by SKU and location, if each of these is there once and has one number.
///
/// # Errors
/// The first entry that is wrong.
pub fn check_counts(list: Vec<StockEntry>) -> Result<Counts, Refusal> {
    if list.len() > MOST_ENTRIES {
        return Err(Refusal::TooMany(list.len()));
    }
    let mut checked: BTreeMap<(String, String), (usize, Count)> = BTreeMap::new();
    for (StockEntry { sku, on_hand, available, location, low_at }, entry) in list.into_iter().zip(0..) {
        let sku = String::from(sku);
        let count = match (on_hand, available) {
            (Some(pieces), None) => Count::OnHand(pieces),
            (None, Some(pieces)) => Count::Available(pieces),
            _ => return Err(Refusal::NotOneNumber { entry, sku }),
        };
        for pieces in [on_hand, available, low_at].into_iter().flatten() {
            if !(0..=MOST_PIECES).contains(&pieces) {
                return Err(Refusal::WrongNumber { entry, sku, pieces, least: 0 });
            }
        }
        match checked.entry((sku, Location::or_main(location.as_ref()).to_owned())) {
            Entry::Vacant(place) => {
                place.insert((entry, count));
            }
            Entry::Occupied(place) => {
                let (first, (sku, _)) = (place.get().0, place.key().clone());
                return Err(Refusal::Duplicate { entry, first, sku });
            }
        }
    }
    Ok(checked.into_iter().map(|(place, (_, count))| (place, count)).collect())
}

#[cfg(test)]
mod tests;
