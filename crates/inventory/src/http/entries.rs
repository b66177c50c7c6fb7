//! Validation of what operators send: lists of SKUs with numbers of pieces. No I/O.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use events::{LONGEST_SKU, is_sku};

/// The most entries in one list.
pub const MOST_ENTRIES: usize = 10_000;
/// The most pieces in one entry: few enough that no sum of them comes near the end of the integers.
pub const MOST_PIECES: i64 = 1_000_000_000;
/// The longest reference of a receipt, in characters.
pub const LONGEST_REFERENCE: usize = 100;

/// Why a list, or a receipt's reference, is refused. Entries count from 0. The wording is in `problems.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The list has no entries.
    Empty,
    /// It has more entries than one request may bring.
    TooMany(usize),
    /// This is no SKU.
    WrongSku {
        /// Which entry.
        entry: usize,
        /// What it has for an SKU.
        sku: String,
    },
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
    /// This can't name a receipt.
    WrongReference,
}

/// The entries by SKU, if each has an SKU of its own and at least `least` pieces.
///
/// # Errors
/// The first entry that is wrong.
pub fn check(
    entries: impl ExactSizeIterator<Item = (String, i64)>,
    least: i64,
) -> Result<BTreeMap<String, i64>, Refusal> {
    if entries.len() > MOST_ENTRIES {
        return Err(Refusal::TooMany(entries.len()));
    }
    let mut checked: BTreeMap<String, (usize, i64)> = BTreeMap::new();
    for ((sku, pieces), entry) in entries.zip(0..) {
        if !is_sku(&sku) {
            return Err(Refusal::WrongSku { entry, sku: sku.chars().take(LONGEST_SKU).collect() });
        }
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

/// Whether this can name a receipt.
///
/// # Errors
/// When it can't.
pub fn check_reference(reference: &str) -> Result<(), Refusal> {
    let fits = !reference.trim().is_empty()
        && reference.chars().count() <= LONGEST_REFERENCE
        && !reference.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Refusal::WrongReference) }
}

#[cfg(test)]
mod tests;
