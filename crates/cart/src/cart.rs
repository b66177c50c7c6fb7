//! What a cart is and what may be done with it. Pure: commands and products in, facts out.

use events::Money;
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
use serde::Serialize;
use uuid::Uuid;

/// A cart as the fold of its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cart {
    /// The number of facts so far.
    pub version: i64,
    /// In the order in which they were first added.
    pub lines: Vec<Line>,
    /// Whose cart it is, if that is known.
    pub shopper: Option<Shopper>,
}

/// So many pieces of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The product.
    pub sku: String,
    /// The version at which the line came.
    pub place: i64,
    /// The product's name when it was last added.
    pub name: String,
    /// The price of a piece when it was last added.
    pub unit_price: Money,
    /// How many pieces; at least 1.
    pub quantity: i64,
}

/// Where mails about the cart go. Its `Debug` leaves the address out.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Shopper {
    /// The e-mail address.
    pub email: String,
    /// The language, as a BCP 47 tag.
    pub language: String,
}

impl std::fmt::Debug for Shopper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shopper").finish_non_exhaustive()
    }
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

/// What somebody wants done. Serialised, it tells whether two requests are the same.
#[derive(Clone, Debug, Serialize)]
pub enum Command {
    /// Open a new cart.
    Open(Option<Shopper>),
    /// Add pieces of a product.
    Add { sku: String, quantity: i64 },
    /// Set a line's quantity.
    SetQuantity { sku: String, quantity: i64 },
    /// Take a line out.
    Remove { sku: String },
    /// Say whose cart it is.
    Attach(Shopper),
}

/// What happened to a cart: an event of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Pieces were added.
    Added(ItemAdded),
    /// A line's quantity was set.
    QuantityChanged(ItemQuantityChanged),
    /// A line was taken out.
    Removed(ItemRemoved),
    /// The shopper is known now.
    Attached(ShopperAttached),
}

/// How much may be in a cart.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pieces per line.
    pub quantity: i64,
    /// Lines per cart.
    pub lines: usize,
}

/// Why a command was refused; the cart is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such cart.
    #[error("there is no such cart, or the token does not open it")]
    UnknownCart,
    /// The catalogue doesn't have it.
    #[error("there is no product '{0}'; GET /products lists what there is")]
    UnknownSku(String),
    /// It is not sold any more.
    #[error("the product '{0}' is not sold any more")]
    Retired(String),
    /// Zero or negative.
    #[error("the quantity is {0}; it must be at least 1 (DELETE takes a line out)")]
    QuantityTooSmall(i64),
    /// More than a line may have.
    #[error("the line would have {wanted} pieces; at most {limit} are allowed per line")]
    QuantityTooLarge {
        /// As asked for, with what the line has.
        wanted: i64,
        /// The setting.
        limit: i64,
    },
    /// More lines than a cart may have.
    #[error("the cart has {0} lines, and no more are allowed")]
    TooManyLines(usize),
    /// The cart has no line of this product.
    #[error("the cart has no line '{0}'")]
    NotInCart(String),
    /// A cart has one currency.
    #[error("the product's price is in {product}, the cart's in {cart}; a cart has one currency")]
    OtherCurrency {
        /// The product's.
        product: &'static str,
        /// The cart's.
        cart: &'static str,
    },
    /// The same Idempotency-Key came with something else before.
    #[error("this Idempotency-Key came with another request before; use a new key for a new request")]
    KeyReused,
}

impl Cart {
    /// What follows from a command: a fact, or nothing when the cart is already as wanted. `product` is the one that
    /// the command names, if the catalogue has it.
    pub fn decide(
        &self,
        cart_id: Uuid,
        command: &Command,
        product: Option<&Product>,
        limits: Limits,
    ) -> Result<Option<Fact>, Refusal> {
        match command {
            Command::Open(shopper) => Ok(shopper.as_ref().map(|shopper| attached(cart_id, shopper))),
            Command::Attach(shopper) if self.shopper.as_ref() == Some(shopper) => Ok(None),
            Command::Attach(shopper) => Ok(Some(attached(cart_id, shopper))),
            Command::Add { sku, quantity } => self.add(cart_id, sku, *quantity, product, limits).map(Some),
            Command::SetQuantity { sku, quantity } => self.set_quantity(cart_id, sku, *quantity, limits),
            Command::Remove { sku } => {
                let quantity = self.line(sku)?.quantity;
                Ok(Some(Fact::Removed(ItemRemoved { cart_id, sku: sku.clone(), quantity })))
            }
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
        let product = product.ok_or_else(|| Refusal::UnknownSku(sku.to_owned()))?;
        if product.retired {
            return Err(Refusal::Retired(sku.to_owned()));
        }
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
        limits: Limits,
    ) -> Result<Option<Fact>, Refusal> {
        let from = self.line(sku)?.quantity;
        let to = within(quantity, quantity, limits)?;
        let changed = ItemQuantityChanged { cart_id, sku: sku.to_owned(), from, to };
        Ok((from != to).then_some(Fact::QuantityChanged(changed)))
    }

    fn line(&self, sku: &str) -> Result<&Line, Refusal> {
        self.lines.iter().find(|line| line.sku == sku).ok_or_else(|| Refusal::NotInCart(sku.to_owned()))
    }

    fn same_currency(&self, price: Money) -> Result<(), Refusal> {
        match self.lines.first().map(|line| line.unit_price.currency) {
            Some(cart) if cart != price.currency => {
                Err(Refusal::OtherCurrency { product: price.currency.code(), cart: cart.code() })
            }
            _ => Ok(()),
        }
    }

    /// Folds a fact in.
    pub fn apply(&mut self, fact: &Fact) {
        self.version += 1;
        match fact {
            Fact::Added(added) => self.apply_added(added),
            Fact::QuantityChanged(changed) => {
                if let Some(line) = self.lines.iter_mut().find(|line| line.sku == changed.sku) {
                    line.quantity = changed.to;
                }
            }
            Fact::Removed(removed) => self.lines.retain(|line| line.sku != removed.sku),
            Fact::Attached(attached) => {
                let (email, language) = (attached.email.clone(), attached.language.clone());
                self.shopper = Some(Shopper { email, language });
            }
        }
    }

    fn apply_added(&mut self, added: &ItemAdded) {
        let (name, unit_price) = (added.name.clone(), added.unit_price);
        if let Some(line) = self.lines.iter_mut().find(|line| line.sku == added.sku) {
            (line.name, line.unit_price, line.quantity) = (name, unit_price, added.line_quantity);
        } else {
            let (sku, quantity, place) = (added.sku.clone(), added.line_quantity, self.version);
            self.lines.push(Line { sku, place, name, unit_price, quantity });
        }
    }

    /// What it costs; `None` when it is empty.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        let first = self.lines.first()?.unit_price;
        let prices = self.lines.iter().map(|line| line.unit_price.times(line.quantity).amount);
        Some(Money { amount: prices.fold(0, i64::saturating_add), ..first })
    }
}

impl Command {
    /// The product that it names.
    #[must_use]
    pub fn sku(&self) -> Option<&str> {
        match self {
            Self::Add { sku, .. } | Self::SetQuantity { sku, .. } | Self::Remove { sku } => Some(sku),
            Self::Open(_) | Self::Attach(_) => None,
        }
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
