use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use events::cart::{CartEvent as What, MergedLine};

use super::cart_event::CartEvent;

/// A cart as its events tell it, as far as others go by it.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is true or not whatever the others are")]
pub struct CartState {
    /// Pieces by SKU; also of a cart that has ended, what was in it.
    pub lines: BTreeMap<String, i64>,
    /// Whether its shopper is known.
    pub has_shopper: bool,
    /// Whether it has said that nothing was changed for some time, and nothing was since.
    pub is_quiet: bool,
    /// Whether it has said that it was abandoned, and nothing was changed since.
    pub is_abandoned: bool,
    /// Whether nothing follows.
    pub has_ended: bool,
    /// When it was changed last.
    pub last_change: Option<DateTime<Utc>>,
}

impl CartState {
    /// After all of these events of a cart.
    #[must_use]
    pub fn after(events: &[CartEvent]) -> Self {
        let mut state = Self::default();
        for event in events {
            state.apply(event);
        }
        state
    }

    /// Folds the next event in.
    pub fn apply(&mut self, event: &CartEvent) {
        if !event.is_of_time() {
            (self.is_quiet, self.is_abandoned) = (false, false);
            self.last_change = Some(event.time);
        }
        self.has_ended |= event.is_final();
        match &event.what {
            What::ItemAdded(added) => self.put(&added.sku, added.line_quantity),
            What::ItemMovedBack(moved) => self.put(&moved.sku, moved.line_quantity),
            What::ItemQuantityChanged(changed) => self.put(&changed.sku, changed.to),
            What::ItemRemoved(removed) => drop(self.lines.remove(&removed.sku)),
            What::ItemSavedForLater(saved) => drop(self.lines.remove(&saved.sku)),
            What::ItemsMergedIn(merged) => {
                merged
                    .lines
                    .iter()
                    .for_each(|MergedLine { sku, line_quantity, .. }| self.put(sku, *line_quantity));
            }
            What::ShopperAttached(_) => self.has_shopper = true,
            What::CartQuiet(_) => self.is_quiet = true,
            What::CartAbandoned(_) => self.is_abandoned = true,
            What::SavedItemRemoved(_)
            | What::ItemFieldsChanged(_)
            | What::NoteChanged(_)
            | What::PriceChangesSeen(_)
            | What::CartResumed(_)
            | What::CartSnapshot(_)
            | What::CartMerged(_)
            | What::CartDeleted(_)
            | What::CartExpired(_) => {}
        }
    }

    fn put(&mut self, sku: &str, quantity: i64) {
        self.lines.insert(sku.to_owned(), quantity);
    }
}
