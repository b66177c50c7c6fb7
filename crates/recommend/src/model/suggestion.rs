//! What an answer consists of.

use super::product::{ProductId, ProductTraits};

/// A product that is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The product.
    pub product: ProductId,
    /// Why.
    pub reason: Reason,
}

/// Why a product is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is often bought with this product.
    BoughtWith {
        /// Of the products in question, the one that suggests it most strongly.
        product: ProductId,
        /// The number of carts that contain both.
        carts: u32,
    },
    /// It is popular now, and there is no better reason.
    Popular,
}

impl Reason {
    /// The reason for a suggestion that follows from this product, with which it shares this many carts.
    #[must_use]
    pub fn bought_with(product: ProductId, carts: u32) -> Self {
        if carts == 0 { Self::Popular } else { Self::BoughtWith { product, carts } }
    }
}

/// What may be suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The maximum number of suggestions.
    pub limit: usize,
    /// Whether sold-out products are left out.
    pub in_stock_only: bool,
}

impl Policy {
    /// Whether a product may be suggested.
    #[must_use]
    pub fn allows(self, traits: &ProductTraits) -> bool {
        traits.is_sold && !(self.in_stock_only && traits.sold_out)
    }
}
