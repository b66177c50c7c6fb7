//! Validation of what operators send: lists of SKUs with numbers of pieces. No I/O.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use service::Sku;

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

#[cfg(test)]
mod tests;
