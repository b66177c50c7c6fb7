use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One thing that happened and that the model learns from. It is what the journal keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// In a cart.
    Cart(CartChange),
    /// With a product.
    Product(ProductChange),
}

/// A change of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartChange {
    /// The cart.
    pub cart: Uuid,
    /// Grows with each change of the cart; what is not beyond the last one is known already.
    pub version: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub what: InCart,
}

/// What can happen in a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InCart {
    /// The product came into the cart. Says nothing new if it is there already.
    Added {
        /// The product.
        sku: String,
    },
    /// The product went.
    Removed {
        /// The product.
        sku: String,
    },
    /// It became known whose cart it is.
    Attached {
        /// The shopper.
        shopper: Shopper,
    },
    /// Nothing changes any more: it expired, or was paid. What it taught stays.
    Closed,
}

/// A shopper, as a number that the same address gives each time and that doesn't tell the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shopper(pub u64);

/// A change of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChange {
    /// The product.
    pub sku: String,
    /// What happened.
    pub what: OfProduct,
}

/// What can happen with a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfProduct {
    /// It is sold, under this name.
    Named {
        /// Its name.
        name: String,
    },
    /// It is no longer sold.
    Retired,
    /// How many pieces can be had.
    Stock {
        /// Not below 0.
        available: i64,
    },
}
