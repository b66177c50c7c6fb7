//! What a cart is and what may be done with it. Pure: commands and products in, facts out.

mod command;
mod lines;
mod shopper;

use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
use events::{Money, Total};
use uuid::Uuid;

use crate::fact::Fact;

pub use command::{Command, Refusal};
pub use lines::Lines;
pub use shopper::Shopper;

/// A cart as the fold of its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cart {
    /// The number of its last fact. Numbers grow; usually one by one.
    pub version: i64,
    /// In the order in which they were first added.
    pub lines: Lines,
    /// Whose cart it is, if that is known.
    pub shopper: Option<Shopper>,
}

/// Some pieces of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// The product.
    pub sku: String,
    /// The version at which the line was added: the lines' order.
    pub place: i64,
    /// The product's name when it was last added.
    pub name: String,
    /// The price of a piece when it was last added.
    pub unit_price: Money,
    /// How many pieces; at least 1.
    pub quantity: i64,
}

/// A product as the cart's copy of the catalogue has it.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// The price of a piece.
    pub price: Money,
    /// Not sold any more.
    pub retired: bool,
}

/// How much may be in a cart.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pieces per line.
    pub quantity: i64,
    /// Lines per cart.
    pub lines: usize,
}

impl Cart {
    /// Decides a command: on a fact, or on none when the cart is already as wanted. `product` is the one that
    /// the command names, if the catalogue has it.
    pub fn decide(
        &self,
        cart_id: Uuid,
        command: &Command,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Option<Fact>, Refusal> {
        let fact = match command {
            Command::Open(shopper) => Ok(shopper.as_ref().map(|shopper| attached(cart_id, shopper))),
            Command::Attach(shopper) if self.shopper.as_ref() == Some(shopper) => Ok(None),
            Command::Attach(shopper) => Ok(Some(attached(cart_id, shopper))),
            Command::Add { sku, quantity } => self.add(cart_id, sku, *quantity, product, limits).map(Some),
            Command::SetQuantity { sku, quantity } => {
                self.set_quantity(cart_id, sku, *quantity, product, limits)
            }
            Command::Remove { sku } => {
                let quantity = self.line(sku)?.quantity;
                Ok(Some(Fact::Removed(ItemRemoved { cart_id, sku: sku.clone(), quantity })))
            }
        }?;
        fact.map(|fact| self.payable(fact)).transpose()
    }

    /// The fact, unless the cart would cost more after it than before and more than an amount of money can be.
    fn payable(&self, fact: Fact) -> Result<Fact, Refusal> {
        let (sku, line_price) = match &fact {
            Fact::Added(added) => (&added.sku, added.unit_price.times(added.line_quantity)),
            Fact::QuantityChanged(changed) => {
                (&changed.sku, self.line(&changed.sku)?.unit_price.times(changed.to))
            }
            Fact::Removed(_) | Fact::Attached(_) => return Ok(fact),
        };
        let before = self.total().map_or(0, |total| total.amount);
        let after = before - self.lines.get(sku).map_or(0, |line| line.price().amount) + line_price.amount;
        if after > before && after > i64::MAX.into() {
            Err(Refusal::TooExpensive(i64::MAX))
        } else {
            Ok(fact)
        }
    }

    fn add(
        &self,
        cart_id: Uuid,
        sku: &str,
        quantity: i64,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Fact, Refusal> {
        let product = sold(sku, product)?;
        self.same_currency(product.price)?;
        let before = self.line(sku).map_or(0, |line| line.quantity);
        if before == 0 && self.lines.len() >= limits.lines {
            return Err(Refusal::TooManyLines(limits.lines));
        }
        within(quantity, quantity, limits)?;
        let line_quantity = within(quantity, before.saturating_add(quantity), limits)?;
        let (sku, name, unit_price) = (sku.to_owned(), product.name.clone(), product.price);
        Ok(Fact::Added(ItemAdded { cart_id, sku, name, unit_price, quantity, line_quantity }))
    }

    fn set_quantity(
        &self,
        cart_id: Uuid,
        sku: &str,
        quantity: i64,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Option<Fact>, Refusal> {
        let from = self.line(sku)?.quantity;
        let to = within(quantity, quantity, limits)?;
        if to > from {
            sold(sku, product)?;
        }
        let changed = ItemQuantityChanged { cart_id, sku: sku.to_owned(), from, to };
        Ok((from != to).then_some(Fact::QuantityChanged(changed)))
    }

    fn line(&self, sku: &str) -> Result<&CartLine, Refusal> {
        self.lines.get(sku).ok_or_else(|| Refusal::NotInCart(sku.to_owned()))
    }

    fn same_currency(&self, price: Money) -> Result<(), Refusal> {
        match self.total().map(|total| total.currency) {
            Some(cart) if cart != price.currency => {
                Err(Refusal::OtherCurrency { product: price.currency.code(), cart: cart.code() })
            }
            _ => Ok(()),
        }
    }

    /// Folds a fact with this number in.
    pub fn apply(&mut self, version: i64, fact: &Fact) {
        self.version = version;
        match fact {
            Fact::Added(added) => self.apply_added(added),
            Fact::QuantityChanged(changed) => {
                if let Some(line) = self.lines.get(&changed.sku).cloned() {
                    self.lines.put(CartLine { quantity: changed.to, ..line });
                }
            }
            Fact::Removed(removed) => self.lines.remove(&removed.sku),
            Fact::Attached(attached) => {
                let (email, language) = (attached.email.clone(), attached.language.clone());
                self.shopper = Some(Shopper { email, language });
            }
        }
    }

    fn apply_added(&mut self, added: &ItemAdded) {
        let ItemAdded { sku, name, unit_price, line_quantity, .. } = added.clone();
        let place = self.lines.get(&sku).map_or(self.version, |line| line.place);
        self.lines.put(CartLine { sku, place, name, unit_price, quantity: line_quantity });
    }

    /// The price of all lines; `None` when the cart is empty.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        self.lines.total()
    }

    /// About how much memory it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let shopper = self.shopper.as_ref();
        size_of::<Self>()
            + self.lines.bytes()
            + shopper.map_or(0, |shopper| shopper.email.len() + shopper.language.len())
    }
}

impl CartLine {
    /// The price of its pieces.
    #[must_use]
    pub fn price(&self) -> Total {
        self.unit_price.times(self.quantity)
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

fn attached(cart_id: Uuid, Shopper { email, language }: &Shopper) -> Fact {
    Fact::Attached(ShopperAttached { cart_id, email: email.clone(), language: language.clone() })
}

fn within(asked: i64, line: i64, limits: Limits) -> Result<i64, Refusal> {
    if asked < 1 {
        return Err(Refusal::QuantityTooSmall(asked));
    }
    if line > limits.quantity {
        return Err(Refusal::QuantityTooLarge { wanted: line, limit: limits.quantity });
    }
    Ok(line)
}

#[cfg(test)]
mod tests;
