//! A product as the model knows it.

use serde::{Deserialize, Serialize};

use super::variants::NameWords;

/// A product's number in this model: small, counted from 0, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProductId(u32);

impl ProductId {
    /// The number as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<usize> for ProductId {
    /// There are never more products than 32 bits can count: each takes hundreds of bytes.
    fn from(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// A product as the model knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Product {
    /// Its SKU.
    pub sku: Box<str>,
    /// Its name, once an event of the catalog has said it.
    pub name: Option<Box<str>>,
    /// Whether it is no longer sold.
    pub retired: bool,
    /// Whether it is out of stock. A product without any event about its stock is not.
    pub sold_out: bool,
}

/// What an answer checks for many products, kept small and in one array.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProductTraits {
    /// Whether it may be suggested at all. A product that the catalog has not named yet may not.
    pub is_sold: bool,
    /// See [`Product::sold_out`].
    pub sold_out: bool,
    /// The words of its name.
    pub words: NameWords,
}

impl Product {
    /// A product of which only the SKU is known.
    #[must_use]
    pub fn unnamed(sku: &str) -> Self {
        Self { sku: sku.into(), name: None, retired: false, sold_out: false }
    }

    /// Its name, or its SKU while it has none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.sku)
    }

    /// See [`ProductTraits`].
    #[must_use]
    pub fn traits(&self) -> ProductTraits {
        ProductTraits {
            is_sold: self.name.is_some() && !self.retired,
            sold_out: self.sold_out,
            words: self.name.as_deref().map(NameWords::of).unwrap_or_default(),
        }
    }
}
