use serde::{Deserialize, Serialize};

use super::variants::Words;

/// A product's number in this model: small, from 0, without holes.
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
    /// Its name, once the catalog has told it.
    pub name: Option<Box<str>>,
    /// Whether it is no longer sold.
    pub retired: bool,
    /// Whether none can be had now. What nothing was told of can be had.
    pub sold_out: bool,
}

/// What answers ask of many products, and so is close together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits {
    /// Whether it may be suggested at all: what the catalog hasn't told of has no name to suggest it by.
    pub is_sold: bool,
    /// See [`Product::sold_out`].
    pub sold_out: bool,
    /// The words of its name.
    pub words: Words,
}

impl Product {
    /// A product of which nothing is known but that it exists.
    #[must_use]
    pub fn unnamed(sku: &str) -> Self {
        Self { sku: sku.into(), name: None, retired: false, sold_out: false }
    }

    /// What to call it: its name, or its SKU.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.sku)
    }

    /// See [`Traits`].
    #[must_use]
    pub fn traits(&self) -> Traits {
        Traits {
            is_sold: self.name.is_some() && !self.retired,
            sold_out: self.sold_out,
            words: self.name.as_deref().map(Words::of).unwrap_or_default(),
        }
    }
}
