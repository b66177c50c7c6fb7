use super::state::End;

/// Why a command was refused; the cart is as it was. The wording is in `http/problems.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such cart.
    UnknownCart,
    /// The cart has ended.
    Ended(End),
    /// The cart has not this version any more, but another one.
    OtherVersion {
        /// The one that it has.
        present: i64,
    },
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
    /// Nothing of this product is saved for later.
    NotSaved(String),
    /// A cart has one currency.
    OtherCurrency {
        /// The product's.
        product: &'static str,
        /// The cart's.
        cart: &'static str,
    },
    /// The notes of both carts are together longer than a note may be.
    NotesTooLong(usize),
    /// A cart can't be merged into itself.
    MergedIntoItself,
    /// Only a cart that expired can be opened again.
    NotExpired,
    /// The item at this place, from 0, of those that were to be added.
    OfItem(usize, Box<Refusal>),
    /// The line of this product, of those that were to be merged.
    OfMergedLine(String, Box<Refusal>),
    /// The same Idempotency-Key came with another request before.
    KeyReused,
}
