//! Inventory's problems: their types, statuses and wording.

use service::{Problem, problems};

use super::entries::{MOST_ENTRIES, MOST_PIECES, Refusal};
use crate::store::Receipt;

problems! {
    /// The product was never stocked.
    UNKNOWN_SKU: 404 "unknown-sku";
    /// The list has no items.
    NO_ITEMS: 422 "no-items";
    /// The list has more entries than one request may bring.
    TOO_MANY_ENTRIES: 422 "too-many-entries";
    /// An entry's number of pieces is out of range; the detail names the entry, counted from 0.
    WRONG_QUANTITY: 422 "wrong-quantity";
    /// A product would have more pieces than can be counted.
    TOO_MUCH_STOCK: 422 "too-much-stock";
    /// Two entries have the same SKU; the detail names both, counted from 0.
    DUPLICATE_SKU: 422 "duplicate-sku";
    /// The reference names an earlier receipt with other items.
    RECEIPT_DIFFERS: 409 "receipt-differs";
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Empty => NO_ITEMS.problem("There are no items. Send at least one."),
            Refusal::TooMany(entries) => TOO_MANY_ENTRIES.problem(format!(
                "There are {entries} entries; a request may have at most {MOST_ENTRIES}. Send the rest with another one."
            )),
            Refusal::WrongNumber { entry, sku, pieces, least } => WRONG_QUANTITY.problem(format!(
                "Entry {entry}, '{sku}': {pieces} pieces are out of range; it must be {least} to {MOST_PIECES}."
            )),
            Refusal::Duplicate { entry, first, sku } => DUPLICATE_SKU.problem(format!(
                "Entry {entry}, '{sku}': this SKU is already in entry {first}. Name each SKU once."
            )),
        }
    }
}

pub(super) fn unknown_sku(sku: &str) -> Problem {
    UNKNOWN_SKU.problem(format!("'{sku}' was never stocked here. SKUs are case-sensitive."))
}

pub(super) fn too_much_stock(sku: &str) -> Problem {
    TOO_MUCH_STOCK
        .problem(format!("'{sku}' would have more than {} pieces on hand. Nothing was changed.", i64::MAX))
}

pub(super) fn receipt_differs(known: &Receipt) -> Problem {
    let Receipt { number, reference, received_at, .. } = known;
    RECEIPT_DIFFERS.problem(format!(
        "'{reference}' is the reference of receipt {number} of {}, which has other items. If these are other goods, \
         send them with a reference of their own.",
        received_at.to_rfc3339()
    ))
}
