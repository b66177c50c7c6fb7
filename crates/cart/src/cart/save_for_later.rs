use events::cart::{ItemMovedBack, ItemSavedForLater};
use uuid::Uuid;

use super::adding::within;
use super::{Cart, CartLine, Limits, Product, Refusal};
use crate::fact::Fact;

impl Cart {
    pub(super) fn save_for_later(&self, cart_id: Uuid, sku: &str, limits: Limits) -> Result<Fact, Refusal> {
        let quantity = self.line(sku)?.quantity;
        let before = self.saved.get(sku).map_or(0, |line| line.quantity);
        if before == 0 && self.saved.len() >= limits.lines {
            return Err(Refusal::TooManyLines(limits.lines));
        }
        let saved_quantity = within(quantity, before.saturating_add(quantity), limits)?;
        Ok(ItemSavedForLater { cart_id, sku: sku.to_owned(), quantity, saved_quantity }.into())
    }

    pub(super) fn move_back(
        &self,
        cart_id: Uuid,
        sku: &str,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Fact, Refusal> {
        let quantity = self.saved_line(sku)?.quantity;
        let (product, line_quantity) = self.room_for(sku, quantity, product, limits)?;
        let (sku, name, unit_price) = (sku.to_owned(), product.name.clone(), product.price);
        Ok(ItemMovedBack { cart_id, sku, name, unit_price, quantity, line_quantity }.into())
    }

    pub(super) fn saved_line(&self, sku: &str) -> Result<&CartLine, Refusal> {
        self.saved.get(sku).ok_or_else(|| Refusal::NotSaved(sku.to_owned()))
    }
}
