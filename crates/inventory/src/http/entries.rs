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
/// Every entry that is wrong.
pub fn check(
    entries: impl ExactSizeIterator<Item = (Sku, i64)>,
    least: i64,
) -> Result<BTreeMap<String, i64>, Vec<Refusal>> {
    let mut checked = Checked::with_room_for(entries.len())?;
    for ((sku, pieces), entry) in entries.zip(0..) {
        let sku = String::from(sku);
        if !(least..=MOST_PIECES).contains(&pieces) {
            checked.refused.push(Refusal::WrongNumber { entry, sku, pieces, least });
        } else if least < 0 && pieces == 0 {
            checked.refused.push(Refusal::NoChange { entry, sku });
        } else {
            checked.take(entry, sku.clone(), sku, pieces);
        }
    }
    checked.all()
}

/// What was counted, by SKU and location, if each of these is there once and has one number.
///
/// # Errors
/// Every entry that is wrong.
pub fn check_counts(list: Vec<StockEntry>) -> Result<Counts, Vec<Refusal>> {
    let mut checked = Checked::with_room_for(list.len())?;
    for (StockEntry { sku, on_hand, available, location, low_at }, entry) in list.into_iter().zip(0..) {
        let sku = String::from(sku);
        let count = match (on_hand, available) {
            (Some(pieces), None) => Count::OnHand(pieces),
            (None, Some(pieces)) => Count::Available(pieces),
            _ => {
                checked.refused.push(Refusal::NotOneNumber { entry, sku });
                continue;
            }
        };
        let mut pieces = [on_hand, available, low_at].into_iter().flatten();
        if let Some(pieces) = pieces.find(|pieces| !(0..=MOST_PIECES).contains(pieces)) {
            checked.refused.push(Refusal::WrongNumber { entry, sku, pieces, least: 0 });
            continue;
        }
        let location = Location::or_main(location.as_ref()).to_owned();
        checked.take(entry, (sku.clone(), location), sku, count);
    }
    checked.all()
}

/// The entries of a list by what they are about, and those that are refused.
struct Checked<K, V> {
    entries: BTreeMap<K, (usize, V)>,
    refused: Vec<Refusal>,
}

impl<K: Ord, V> Checked<K, V> {
    fn with_room_for(entries: usize) -> Result<Self, Vec<Refusal>> {
        if entries > MOST_ENTRIES {
            return Err(vec![Refusal::TooMany(entries)]);
        }
        Ok(Self { entries: BTreeMap::new(), refused: Vec::new() })
    }

    fn take(&mut self, entry: usize, about: K, sku: String, value: V) {
        match self.entries.entry(about) {
            Entry::Vacant(place) => {
                place.insert((entry, value));
            }
            Entry::Occupied(place) => {
                let first = place.get().0;
                self.refused.push(Refusal::Duplicate { entry, first, sku });
            }
        }
    }

    fn all(self) -> Result<BTreeMap<K, V>, Vec<Refusal>> {
        if !self.refused.is_empty() {
            return Err(self.refused);
        }
        Ok(self.entries.into_iter().map(|(about, (_, value))| (about, value)).collect())
    }
}

#[cfg(test)]
mod tests;
