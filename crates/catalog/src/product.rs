//! What a product is: the rules that its fields keep. Pure.

use std::collections::HashMap;

use events::catalog::ProductChanged;
use events::{LONGEST_SKU, Money};

/// The most products in an import.
pub const IMPORT_LIMIT: usize = 10_000;

const NAME_LENGTH: usize = 200;
const DESCRIPTION_LENGTH: usize = 4000;
/// SKUs that no URL could reach: `/products/import` is something else, and clients resolve dots away.
const UNREACHABLE: [&str; 3] = ["import", ".", ".."];

/// A product whose fields keep the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    sku: String,
    name: String,
    description: Option<String>,
    price: Money,
}

/// A product as it was sent, not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The stock keeping unit: names the product everywhere.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// A text about it.
    pub description: Option<String>,
    /// The price of a piece.
    pub price: Money,
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

    /// The event that reports the product as it is now.
    pub fn changed(&self) -> ProductChanged {
        let Self { sku, name, description, price } = self.clone();
        ProductChanged { sku, name, description, price }
    }
}

impl TryFrom<Draft> for Product {
    type Error = Invalid;

    fn try_from(draft: Draft) -> Result<Self, Invalid> {
        let Draft { sku, name, description, price } = draft;
        if !is_sku(&sku) {
            let rule = format!(
                "must be 1 to {LONGEST_SKU} visible ASCII characters, and not one of {UNREACHABLE:?}"
            );
            return Err(Invalid { field: "sku", rule });
        }
        let name = name.trim();
        if !has_length(name, 1, NAME_LENGTH) || name.chars().any(char::is_control) {
            let rule = format!("must be 1 to {NAME_LENGTH} characters, none of them a control character");
            return Err(Invalid { field: "name", rule });
        }
        let description = description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if description.as_deref().is_some_and(|text| !is_text(text)) {
            let rule = format!(
                "must be at most {DESCRIPTION_LENGTH} characters, no control characters but line \
                                breaks and tabs"
            );
            return Err(Invalid { field: "description", rule });
        }
        if price.amount < 0 {
            let rule = "must be 0 or more, in the currency's minor units".to_owned();
            return Err(Invalid { field: "price.amount", rule });
        }
        Ok(Self { sku, name: name.to_owned(), description, price })
    }
}

/// Whether this may name a product.
pub fn is_sku(text: &str) -> bool {
    events::is_sku(text) && !UNREACHABLE.contains(&text)
}

/// All products of an import, or the first entry that breaks a rule. No SKU may be in it twice: it would be unclear
/// which of the two counts.
pub fn import(drafts: Vec<Draft>) -> Result<Vec<Product>, InvalidEntry> {
    let mut products = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.into_iter().enumerate() {
        products.push(Product::try_from(draft).map_err(|reason| InvalidEntry { index, reason })?);
    }
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(products.len());
    for (index, product) in products.iter().enumerate() {
        if let Some(earlier) = first.insert(product.sku(), index) {
            let rule = format!("'{}' stands at [{earlier}] too", product.sku());
            return Err(InvalidEntry { index, reason: Invalid { field: "sku", rule } });
        }
    }
    Ok(products)
}

/// Folds a text for a search that ignores case.
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

fn is_text(text: &str) -> bool {
    has_length(text, 0, DESCRIPTION_LENGTH)
        && !text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

fn has_length(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count())
}

#[cfg(test)]
mod tests;
