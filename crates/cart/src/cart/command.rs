use serde::Serialize;

use super::shopper::Shopper;

/// What a client wants to change. Serialised, it shows whether two requests are the same.
#[derive(Clone, Debug, Serialize)]
pub enum Command {
    /// Open a new cart.
    Open(Option<Shopper>),
    /// Add pieces of a product.
    Add { sku: String, quantity: i64 },
    /// Set a line's quantity.
    SetQuantity { sku: String, quantity: i64 },
    /// Remove a line.
    Remove { sku: String },
    /// Attach a shopper.
    Attach(Shopper),
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

/// Why a command was refused; the cart is as it was. The wording is in `http/problems.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such cart.
    UnknownCart,
    /// The catalogue doesn't have it.
    UnknownSku(String),
    /// It is not sold any more.
    Retired(String),
    /// Zero or negative.
    QuantityTooSmall(i64),
    /// More than a line may have.
    QuantityTooLarge {
        /// As asked for, with what the line has.
        wanted: i64,
        /// The setting.
        limit: i64,
    },
    /// More lines than a cart may have.
    TooManyLines(usize),
    /// The cart would cost more than this many minor units.
    TooExpensive(i64),
    /// The cart has no line of this product.
    NotInCart(String),
    /// A cart has one currency.
    OtherCurrency {
        /// The product's.
        product: &'static str,
        /// The cart's.
        cart: &'static str,
    },
    /// The same Idempotency-Key came with another request before.
    KeyReused,
}
