use events::Money;
use events::cart::{ItemAdded, ItemQuantityChanged};
use uuid::Uuid;

use super::deciding::{Decision, Surroundings};
use super::{Cart, CartLine, Limits, NewItem, Product, Refusal};
use crate::fact::Fact;

impl Cart {
    pub(super) fn add(
        &self,
        cart_id: Uuid,
        sku: &str,
        quantity: i64,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Fact, Refusal> {
        let (product, line_quantity) = self.room_for(sku, quantity, product, limits)?;
        let (sku, name, unit_price) = (sku.to_owned(), product.name.clone(), product.price);
        Ok(ItemAdded { cart_id, sku, name, unit_price, quantity, line_quantity }.into())
    }

    /// The product, if pieces of it may come into the cart, and how many the line would have with these.
    pub(super) fn room_for<'a>(
        &self,
        sku: &str,
        quantity: i64,
        product: Option<&'a Product>,
        limits: Limits,
    ) -> Result<(&'a Product, i64), Refusal> {
        let product = sold(sku, product)?;
        self.same_currency(product.price)?;
        let before = self.lines.get(sku).map_or(0, |line| line.quantity);
        if before == 0 && self.lines.len() >= limits.lines {
            return Err(Refusal::TooManyLines(limits.lines));
        }
        within(quantity, quantity, limits)?;
        let line_quantity = within(quantity, before.saturating_add(quantity), limits)?;
        self.payable(sku, product.price, line_quantity, limits)?;
        Ok((product, line_quantity))
    }

    /// Each on top of those before it.
    pub(super) fn add_many(
        &self,
        cart_id: Uuid,
        items: &[NewItem],
        each: bool,
        around: Surroundings<'_>,
    ) -> Result<Decision, Refusal> {
        let mut decision = Decision::default();
        let mut draft = self.clone();
        for (place, NewItem { sku, quantity }) in items.iter().enumerate() {
            match draft.add(cart_id, sku, *quantity, around.products.get(sku), around.limits) {
                Ok(fact) => {
                    draft.apply(draft.version, &fact);
                    decision.facts.push(fact);
                }
                Err(refusal) if each => decision.refused.push((place, refusal)),
                Err(refusal) => return Err(Refusal::OfItem(place, Box::new(refusal))),
            }
        }
        Ok(decision)
    }

    pub(super) fn put(
        &self,
        cart_id: Uuid,
        sku: &str,
        quantity: i64,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Option<Fact>, Refusal> {
        if self.lines.get(sku).is_some() {
            self.set_quantity(cart_id, sku, quantity, product, limits)
        } else {
            self.add(cart_id, sku, quantity, product, limits).map(Some)
        }
    }

    pub(super) fn set_quantity(
        &self,
        cart_id: Uuid,
        sku: &str,
        quantity: i64,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Option<Fact>, Refusal> {
        let line = self.line(sku)?;
        let from = line.quantity;
        let to = within(quantity, quantity, limits)?;
        if to > from {
            let product = sold(sku, product)?;
            self.same_currency(product.price)?;
        }
        self.payable(sku, line.unit_price, to, limits)?;
        let changed = ItemQuantityChanged { cart_id, sku: sku.to_owned(), from, to };
        Ok((from != to).then_some(changed.into()))
    }

    /// Whether the cart may cost what it would with such a line: not more than the limit, unless it costs less than before.
    pub(super) fn payable(
        &self,
        sku: &str,
        unit_price: Money,
        quantity: i64,
        limits: Limits,
    ) -> Result<(), Refusal> {
        let before = self.total().map_or(0, |total| total.amount);
        let line_before = self.lines.get(sku).map_or(0, |line| line.price().amount);
        let after = before - line_before + unit_price.times(quantity).amount;
        let most = limits.amount(unit_price.currency);
        if after > before && after > most.into() { Err(Refusal::TooExpensive(most)) } else { Ok(()) }
    }

    pub(super) fn line(&self, sku: &str) -> Result<&CartLine, Refusal> {
        self.lines.get(sku).ok_or_else(|| Refusal::NotInCart(sku.to_owned()))
    }

    pub(super) fn same_currency(&self, price: Money) -> Result<(), Refusal> {
        match self.total().map(|total| total.currency) {
            Some(cart) if cart != price.currency => {
                Err(Refusal::OtherCurrency { product: price.currency.code(), cart: cart.code() })
            }
            _ => Ok(()),
        }
    }
}

/// The product, if pieces of it can be had.
fn sold<'a>(sku: &str, product: Option<&'a Product>) -> Result<&'a Product, Refusal> {
    match product {
        None => Err(Refusal::UnknownSku(sku.to_owned())),
        Some(product) if product.retired => Err(Refusal::Retired(sku.to_owned())),
        Some(product) => Ok(product),
    }
}

/// How many pieces the line has then, if these may be asked for.
pub(super) fn within(asked: i64, line: i64, limits: Limits) -> Result<i64, Refusal> {
    if asked < 1 {
        return Err(Refusal::QuantityTooSmall(asked));
    }
    if line > limits.quantity {
        return Err(Refusal::QuantityTooLarge { wanted: line, limit: limits.quantity });
    }
    Ok(line)
}
