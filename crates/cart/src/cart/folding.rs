//! What facts make of a cart.

use std::collections::BTreeMap;

use events::Money;
use events::cart::{
    ItemAdded, ItemMovedBack, ItemSavedForLater, ItemsMergedIn, MergedLine, PriceChangesSeen,
};

use super::line::Place;
use super::lines::Lines;
use super::state::{End, State};
use super::{Cart, CartLine, Shopper};
use crate::fact::Fact;

/// The lines that a fact changes, by their SKUs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// In the cart.
    pub lines: Vec<String>,
    /// Saved for later.
    pub saved: Vec<String>,
}

impl Cart {
    /// Folds a fact with this number in.
    pub fn apply(&mut self, version: i64, fact: &Fact) {
        self.version = version;
        if !matches!(fact, Fact::Quiet(_) | Fact::Abandoned(_)) {
            (self.state.is_quiet, self.state.is_abandoned) = (false, false);
        }
        match fact {
            Fact::Added(ItemAdded { sku, name, unit_price, line_quantity, .. })
            | Fact::MovedBack(ItemMovedBack { sku, name, unit_price, line_quantity, .. }) => {
                let saved = if matches!(fact, Fact::MovedBack(_)) { self.saved.take(sku) } else { None };
                self.put_line(sku, name, *unit_price, *line_quantity, saved);
            }
            Fact::QuantityChanged(changed) => {
                if let Some(line) = self.lines.get(&changed.sku).cloned() {
                    self.lines.put(CartLine { quantity: changed.to, ..line });
                }
            }
            Fact::Removed(removed) => drop(self.lines.take(&removed.sku)),
            Fact::SavedForLater(saved) => self.save(saved),
            Fact::SavedRemoved(removed) => drop(self.saved.take(&removed.sku)),
            Fact::FieldsChanged(changed) => {
                if let Some(line) = self.lines.get(&changed.sku).cloned() {
                    self.lines.put(CartLine { fields: changed.fields.clone(), ..line });
                }
            }
            Fact::Attached(attached) => {
                let (email, language) = (attached.email.clone(), attached.language.clone());
                self.shopper = Some(Shopper { email, language });
            }
            Fact::NoteChanged(changed) => self.state.note.clone_from(&changed.note),
            Fact::PricesSeen(seen) => self.see(seen),
            Fact::MergedIn(merged) => self.merge_in(merged),
            Fact::Quiet(_) => self.state.is_quiet = true,
            Fact::Abandoned(_) => self.state.is_abandoned = true,
            Fact::Resumed(_) => {}
            Fact::Merged(merged) => self.empty(End::Merged(merged.into_cart_id)),
            Fact::Deleted(_) => self.empty(End::Deleted),
            // Its lines stay, for a new cart that takes them over.
            Fact::Expired(_) => self.state.end = Some(End::Expired),
        }
    }

    /// The lines that a fact will change.
    #[must_use]
    pub fn touched(&self, fact: &Fact) -> Touched {
        let lines = |sku: &String| Touched { lines: vec![sku.clone()], saved: Vec::new() };
        let both = |sku: &String| Touched { lines: vec![sku.clone()], saved: vec![sku.clone()] };
        match fact {
            Fact::Added(fact) => lines(&fact.sku),
            Fact::QuantityChanged(fact) => lines(&fact.sku),
            Fact::Removed(fact) => lines(&fact.sku),
            Fact::FieldsChanged(fact) => lines(&fact.sku),
            Fact::SavedForLater(fact) => both(&fact.sku),
            Fact::MovedBack(fact) => both(&fact.sku),
            Fact::SavedRemoved(fact) => Touched { lines: Vec::new(), saved: vec![fact.sku.clone()] },
            Fact::PricesSeen(fact) => {
                let known = |lines: &Lines| {
                    let seen = fact.prices.iter().filter(|seen| lines.get(&seen.sku).is_some());
                    seen.map(|seen| seen.sku.clone()).collect()
                };
                Touched { lines: known(&self.lines), saved: known(&self.saved) }
            }
            Fact::MergedIn(fact) => {
                let skus = |lines: &[MergedLine]| lines.iter().map(|line| line.sku.clone()).collect();
                Touched { lines: skus(&fact.lines), saved: skus(&fact.saved) }
            }
            Fact::Merged(_) | Fact::Deleted(_) => {
                let skus = |lines: &Lines| lines.iter().map(|line| line.sku.clone()).collect();
                Touched { lines: skus(&self.lines), saved: skus(&self.saved) }
            }
            Fact::Attached(_)
            | Fact::NoteChanged(_)
            | Fact::Quiet(_)
            | Fact::Resumed(_)
            | Fact::Abandoned(_)
            | Fact::Expired(_) => Touched::default(),
        }
    }

    /// A line that is there keeps what the shopper has seen, and so does one that comes back.
    fn put_line(&mut self, sku: &str, name: &str, unit_price: Money, quantity: i64, saved: Option<CartLine>) {
        let line = match (self.lines.get(sku).cloned(), saved) {
            (Some(there), Some(saved)) => there.with_fields_of(&saved),
            (Some(there), None) => there,
            (None, Some(saved)) => CartLine { place: Place::at(self.version), ..saved },
            (None, None) => CartLine {
                sku: sku.to_owned(),
                place: Place::at(self.version),
                name: String::new(),
                unit_price,
                seen_price: None,
                quantity,
                fields: BTreeMap::new(),
            },
        };
        self.lines.put(CartLine { name: name.to_owned(), quantity, ..line.priced(unit_price) });
    }

    fn save(&mut self, saved: &ItemSavedForLater) {
        let Some(line) = self.lines.take(&saved.sku) else { return };
        let line = match self.saved.get(&saved.sku).cloned() {
            Some(there) => there.with_fields_of(&line),
            None => CartLine { place: Place::at(self.version), ..line },
        };
        self.saved.put(CartLine { quantity: saved.saved_quantity, ..line });
    }

    fn see(&mut self, seen: &PriceChangesSeen) {
        for lines in [&mut self.lines, &mut self.saved] {
            for seen in &seen.prices {
                if let Some(line) = lines.get(&seen.sku).cloned() {
                    lines.put(CartLine { unit_price: seen.unit_price, seen_price: None, ..line });
                }
            }
        }
    }

    fn merge_in(&mut self, merged: &ItemsMergedIn) {
        let version = self.version;
        for (lines, merged) in [(&mut self.lines, &merged.lines), (&mut self.saved, &merged.saved)] {
            for (rank, line) in (0..).zip(merged) {
                lines.put(merged_line(lines.get(&line.sku), line, Place { version, rank }));
            }
        }
    }

    fn empty(&mut self, end: End) {
        let state = State { end: Some(end), ..State::default() };
        *self = Self { version: self.version, state, ..Self::default() };
    }
}

/// The line after pieces of another cart's joined it.
fn merged_line(there: Option<&CartLine>, merged: &MergedLine, place: Place) -> CartLine {
    let quantity = merged.line_quantity;
    match there {
        Some(there) => CartLine { quantity, ..there.clone() },
        None => CartLine {
            sku: merged.sku.clone(),
            place,
            name: merged.name.clone(),
            unit_price: merged.unit_price,
            seen_price: merged.seen_price,
            quantity,
            fields: BTreeMap::new(),
        },
    }
}
