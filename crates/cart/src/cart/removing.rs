use events::cart::{ItemRemoved, SavedItemRemoved};
use uuid::Uuid;

use super::{Cart, CartLine, Refusal};
use crate::fact::Fact;

impl Cart {
    pub(super) fn remove(&self, cart_id: Uuid, sku: &str) -> Result<Fact, Refusal> {
        self.line(sku).map(|line| removed(cart_id, line))
    }

    /// A fact for each line.
    pub(super) fn clear(&self, cart_id: Uuid) -> Vec<Fact> {
        self.lines.iter().map(|line| removed(cart_id, line)).collect()
    }

    pub(super) fn remove_saved(&self, cart_id: Uuid, sku: &str) -> Result<Fact, Refusal> {
        let quantity = self.saved_line(sku)?.quantity;
        Ok(SavedItemRemoved { cart_id, sku: sku.to_owned(), quantity }.into())
    }
}

fn removed(cart_id: Uuid, line: &CartLine) -> Fact {
    ItemRemoved { cart_id, sku: line.sku.clone(), quantity: line.quantity }.into()
}
