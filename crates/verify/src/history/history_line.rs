use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A line of a history file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryLine<'a> {
    /// A cart was opened.
    Opened {
        /// The cart.
        cart: Uuid,
        /// The token that opens it.
        #[serde(borrow)]
        token: Cow<'a, str>,
        /// Whether its shopper gave an email address.
        addressed: bool,
    },
    /// An addition is about to be sent.
    #[serde(rename = "asked")]
    Adding {
        /// Its idempotency key.
        key: Uuid,
        /// The cart.
        cart: Uuid,
        /// The product.
        #[serde(borrow)]
        sku: Cow<'a, str>,
        /// How many pieces are added.
        quantity: i64,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// A line is about to be removed.
    Removing {
        /// The request's idempotency key.
        key: Uuid,
        /// The cart.
        cart: Uuid,
        /// The product.
        #[serde(borrow)]
        sku: Cow<'a, str>,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// A cart is about to be merged into another one.
    Merging {
        /// The request's idempotency key.
        key: Uuid,
        /// The cart that takes over.
        cart: Uuid,
        /// The one that ends.
        from: Uuid,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// The requested change was acknowledged.
    Acknowledged {
        /// Its idempotency key.
        key: Uuid,
        /// The cart's version after it.
        version: i64,
    },
    /// The requested change was refused.
    Refused {
        /// Its idempotency key.
        key: Uuid,
        /// The type of problem: `quantity-too-large`.
        #[serde(borrow)]
        problem: Cow<'a, str>,
    },
}
