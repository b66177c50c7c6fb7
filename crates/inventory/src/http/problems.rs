//! Inventory's problems: their types, statuses and wording.

use std::collections::BTreeMap;

use service::{Problem, problems};

use super::entries::{MOST_ENTRIES, MOST_PIECES, Refusal};
use crate::stock::{CartLine, Stock};
use crate::store::{Adjustment, Receipt};

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
    /// There are fewer pieces than are held for carts.
    HELD_FOR_CARTS: 409 "held-for-carts";
    /// More pieces would be taken away than there are.
    NOT_ON_HAND: 409 "not-on-hand";
    /// The cart has no line of this product.
    NO_HOLD: 404 "no-hold";
    /// The body can't be read as a sheet; the detail says why.
    UNREADABLE_SHEET: 422 "unreadable-sheet";
    /// Lines of the sheet are wrong; the detail names the first of them.
    WRONG_LINES: 422 "wrong-lines";
    /// The reference names an earlier adjustment with other items.
    ADJUSTMENT_DIFFERS: 409 "adjustment-differs";
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
            Refusal::NoChange { entry, sku } => WRONG_QUANTITY
                .problem(format!("Entry {entry}, '{sku}': 0 pieces change nothing. Leave it out.")),
            Refusal::NotOneNumber { entry, sku } => WRONG_QUANTITY.problem(format!(
                "Entry {entry}, '{sku}': exactly one of 'on_hand' and 'available' is needed."
            )),
            Refusal::Duplicate { entry, first, sku } => DUPLICATE_SKU.problem(format!(
                "Entry {entry}, '{sku}': this SKU is already in entry {first}. Name each SKU once; with several locations, once for each."
            )),
        }
    }
}

/// Names every entry that is refused.
pub(super) fn refused(refusals: Vec<Refusal>) -> Problem {
    Problem::first_of(refusals.into_iter().map(Problem::from).collect())
}

pub(super) fn unknown_sku(sku: &str) -> Problem {
    UNKNOWN_SKU.problem(format!("'{sku}' was never stocked here. SKUs are case-sensitive."))
}

pub(super) fn too_much_stock(sku: &str) -> Problem {
    TOO_MUCH_STOCK
        .problem(format!("'{sku}' would have more than {} pieces on hand. Nothing was changed.", i64::MAX))
}

pub(super) fn held_for_carts(sku: &str, location: &str, wanted: &Stock) -> Problem {
    let (held, left) = (wanted.held.at(location), wanted.on_hand.at(location));
    HELD_FOR_CARTS.problem(format!(
        "'{sku}': of {left} pieces at '{location}', {held} are held for carts. Nothing was changed. Add '?cut_holds=newest' to \
         take what is missing from the lines that came last; they wait for it then."
    ))
}

pub(super) fn not_on_hand(sku: &str, location: &str, on_hand: i64, taken: i64) -> Problem {
    NOT_ON_HAND.problem(format!(
        "'{sku}' has {on_hand} pieces at '{location}'; {taken} can't be taken away. Nothing was changed."
    ))
}

pub(super) fn no_hold(line: &CartLine) -> Problem {
    let CartLine { cart_id, sku } = line;
    NO_HOLD.problem(format!("The cart {cart_id} has no line of '{sku}'."))
}

pub(super) fn adjustment_differs(known: &Adjustment) -> Problem {
    let Adjustment { number, reference, adjusted_at, .. } = known;
    ADJUSTMENT_DIFFERS.problem(format!(
        "'{reference}' is the reference of adjustment {number} of {}, which has other items. If this is another one, send it with \
         a reference of its own.",
        adjusted_at.to_rfc3339()
    ))
}

pub(super) fn unreadable_sheet(why: &str) -> Problem {
    UNREADABLE_SHEET.problem(format!("The sheet can't be read: {why}."))
}

/// The most lines that a refused sheet's answer names.
const NAMED_LINES: usize = 50;

pub(super) fn sheet_has_problems(problems: &BTreeMap<u64, String>) -> Problem {
    let named = problems.iter().take(NAMED_LINES).map(|(line, problem)| format!("line {line}: {problem}"));
    let named = named.collect::<Vec<_>>().join("; ");
    WRONG_LINES.problem(format!(
        "{} lines are wrong, and nothing was changed: {named}. Correct them, or add '?partial=true' to leave them out.",
        problems.len()
    ))
}

pub(super) fn receipt_differs(known: &Receipt) -> Problem {
    let Receipt { number, reference, received_at, .. } = known;
    RECEIPT_DIFFERS.problem(format!(
        "'{reference}' is the reference of receipt {number} of {}, which has other items. If these are other goods, \
         send them with a reference of their own.",
        received_at.to_rfc3339()
    ))
}
