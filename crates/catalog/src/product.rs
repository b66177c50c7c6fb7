//! What a product is: the rules that its fields keep. Pure.

mod details;
mod draft;

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use events::Money;
use events::catalog::{ProductChanged, ProductDescribed, ProductScheduled};

use serde::{Deserialize, Serialize};

pub use details::Details;
pub use draft::{
    Category, Description, Draft, Language, PictureUrl, ProductName, PropertyName, PropertyValue, Texts,
};

/// The most products in an import.
pub const IMPORT_LIMIT: usize = 10_000;
/// The highest price, in minor units: so low that a full cart's total is an amount of money, too.
pub const HIGHEST_PRICE: i64 = 1_000_000_000_000;

/// SKUs that no URL could reach: `/products/import` is something else, and clients resolve dots away.
const UNREACHABLE: [&str; 5] = ["import", "export", "search", ".", ".."];

/// A product whose fields keep the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    sku: String,
    name: String,
    description: Option<String>,
    price: Money,
    details: Details,
    published_from: Option<DateTime<Utc>>,
}

/// A field that breaks a rule, and the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Invalid {
    /// The field's name in JSON.
    pub field: &'static str,
    /// What it must be.
    pub rule: String,
}

/// An import's entry that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[{index}].{reason}")]
pub struct InvalidEntry {
    /// The entry's place in the array, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: Invalid,
}

impl Product {
    /// The stock keeping unit.
    pub fn sku(&self) -> &str {
        &self.sku
    }

    /// The name, without blanks around it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text about it, if there is one.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The price of a piece.
    pub fn price(&self) -> Money {
        self.price
    }

    /// What else there is to know.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// From when it is sold; none: since it is there.
    pub fn published_from(&self) -> Option<DateTime<Utc>> {
        self.published_from
    }

    /// The event that reports the product as it is now, if it is sold.
    pub fn changed(&self) -> ProductChanged {
        let Self { sku, name, description, price, .. } = self.clone();
        ProductChanged { sku, name, description, price }
    }

    /// The event that reports it if it is not sold before a time.
    pub fn scheduled(&self, published_from: DateTime<Utc>) -> ProductScheduled {
        let Self { sku, name, description, price, .. } = self.clone();
        ProductScheduled { sku, name, description, price, published_from }
    }

    /// The event that reports what else there is to know.
    pub fn described(&self) -> ProductDescribed {
        self.details.clone().described(self.sku.clone())
    }

    /// With these details.
    pub fn with(self, details: Details) -> Self {
        Self { details, ..self }
    }
}

impl Invalid {
    fn new(field: &'static str, rule: impl Into<String>) -> Self {
        Self { field, rule: rule.into() }
    }
}

impl From<ProductChanged> for Product {
    /// It kept the rules when it was published. Its details were reported on their own.
    fn from(ProductChanged { sku, name, description, price }: ProductChanged) -> Self {
        Self { sku, name, description, price, details: Details::default(), published_from: None }
    }
}

impl From<ProductScheduled> for Product {
    /// As with [`ProductChanged`].
    fn from(ProductScheduled { sku, name, description, price, published_from }: ProductScheduled) -> Self {
        let published_from = Some(published_from);
        Self { sku, name, description, price, details: Details::default(), published_from }
    }
}

impl TryFrom<Draft> for Product {
    type Error = Invalid;

    fn try_from(draft: Draft) -> Result<Self, Invalid> {
        if UNREACHABLE.contains(&draft.sku.as_str()) {
            return Err(Invalid::new("sku", format!("must not be one of {UNREACHABLE:?}")));
        }
        if !(0..=HIGHEST_PRICE).contains(&draft.price.amount) {
            let rule = format!("must be 0 to {HIGHEST_PRICE}, in the currency's minor units");
            return Err(Invalid::new("price.amount", rule));
        }
        Ok(Self {
            details: Details::of(&draft)?,
            sku: draft.sku.into(),
            name: draft.name.as_str().trim().to_owned(),
            description: draft::trimmed(draft.description.as_ref()),
            price: draft.price,
            // As exact as PostgreSQL keeps it: so that nothing has changed where the same is sent again.
            published_from: draft.published_from.map(|time| time.trunc_subsecs(6)),
        })
    }
}

/// All products of an import, or every entry that breaks a rule. No SKU may be in it twice: it would be unclear
/// which of the two counts.
pub fn import(drafts: Vec<Draft>) -> Result<Vec<Product>, Vec<InvalidEntry>> {
    let mut products = Vec::with_capacity(drafts.len());
    let mut invalid = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::with_capacity(drafts.len());
    for (index, draft) in drafts.into_iter().enumerate() {
        let earlier = *first.entry(draft.sku.as_str().to_owned()).or_insert(index);
        if earlier < index {
            let rule = format!("'{}' is at [{earlier}] too", draft.sku.as_str());
            invalid.push(InvalidEntry { index, reason: Invalid::new("sku", rule) });
            continue;
        }
        match Product::try_from(draft) {
            Ok(product) => products.push(product),
            Err(reason) => invalid.push(InvalidEntry { index, reason }),
        }
    }
    if invalid.is_empty() { Ok(products) } else { Err(invalid) }
}

#[cfg(test)]
mod tests;
