//! What operators may send: lists of SKUs with numbers of pieces. No I/O.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use events::{LONGEST_SKU, is_sku};

/// The most entries in one list.
pub const MOST_ENTRIES: usize = 10_000;
/// The most pieces in one entry: so few that no sum of them comes near the end of the integers.
pub const MOST_PIECES: i64 = 1_000_000_000;
/// The longest reference of a receipt, in characters.
pub const LONGEST_REFERENCE: usize = 100;

/// Why a list, or a receipt's reference, is refused. Entries count from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is in it.
    #[error("There are no items. Send at least one.")]
    Empty,
    /// More is in it than one request may bring.
    #[error("There are {0} entries; at most {MOST_ENTRIES} fit. Send the rest with another request.")]
    TooMany(usize),
    /// This is no SKU.
    #[error("Entry {entry}, {sku:?}: an SKU is 1 to {LONGEST_SKU} visible ASCII characters.")]
    WrongSku {
        /// Which entry.
        entry: usize,
        /// What it has for an SKU.
        sku: String,
    },
    /// A number of pieces that can't be.
    #[error("Entry {entry}, '{sku}': {pieces} pieces can't be; it takes {least} to {MOST_PIECES}.")]
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
    #[error("Entry {entry}, '{sku}': this SKU is already in entry {first}. Name each SKU once.")]
    Duplicate {
        /// The later entry.
        entry: usize,
        /// The earlier one.
        first: usize,
        /// The SKU of both.
        sku: String,
    },
    /// This can't name a receipt.
    #[error(
        "A receipt's reference is 1 to {LONGEST_REFERENCE} characters, not blank, without control characters."
    )]
    WrongReference,
}

impl Refusal {
    /// A stable name for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "no-items",
            Self::TooMany(_) => "too-many-entries",
            Self::WrongSku { .. } => "wrong-sku",
            Self::WrongNumber { .. } => "wrong-quantity",
            Self::Duplicate { .. } => "duplicate-sku",
            Self::WrongReference => "wrong-reference",
        }
    }
}

/// The entries by SKU, if each has an SKU of its own and at least so many pieces.
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
