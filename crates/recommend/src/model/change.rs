//! What the model learns from: changes of carts and products, as the journal keeps them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A change that the model learns from. The journal stores it as JSON, so names of variants and fields must stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Of a cart.
    Cart(CartChange),
    /// Of a product.
    Product(ProductChange),
}

/// A change of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartChange {
    /// The cart.
    pub cart: Uuid,
    /// Grows with each change of the cart. A change whose version is not greater than the last one was learned before.
    pub version: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub what: CartChangeKind,
}

/// How a cart can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CartChangeKind {
    /// A product was added. Changes nothing if it is in the cart already.
    Added {
        /// The product.
        sku: String,
    },
    /// A product was removed.
    Removed {
        /// The product.
        sku: String,
    },
    /// The cart's shopper became known.
    Attached {
        /// The shopper.
        shopper: Shopper,
    },
    /// The cart expired or was paid, and changes no more. What was learned from it stays.
    Closed,
}

/// A shopper, as a number that is the same for the same address and doesn't reveal the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shopper(pub u64);

/// A change of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChange {
    /// The product.
    pub sku: String,
    /// What happened.
    pub what: ProductChangeKind,
}

/// How a product can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductChangeKind {
    /// It is sold under this name.
    Named {
        /// Its name.
        name: String,
    },
    /// It is no longer sold.
    Retired,
    /// The pieces in stock that nobody holds changed.
    Stock {
        /// Not below 0.
        available: i64,
    },
}
