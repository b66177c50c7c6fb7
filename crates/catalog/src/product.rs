//! What a product is: the rules that its fields keep. Pure.

use std::collections::HashMap;

use events::Money;
use events::catalog::ProductChanged;
use service::{LINES, ONE_LINE, Sku};

/// The most products in an import.
pub const IMPORT_LIMIT: usize = 10_000;
/// The highest price, in minor units: so low that a full cart's total is an amount of money, too.
pub const HIGHEST_PRICE: i64 = 1_000_000_000_000;

service::texts! {
    /// A product's name. Blanks around it don't count.
    pub ProductName: "a product's name", 1..=200, "no control characters, no line breaks", ONE_LINE,
        for example "White metal lantern", and |name| !name.trim().is_empty();

    /// A text about a product. Blanks around it don't count.
    pub Description: "a product's description", 0..=4000, "no control characters but line breaks and tabs", LINES,
        for example "With a door and a handle.";
}

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

/// A product as it was sent: each field fits on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The stock keeping unit: names the product everywhere.
    pub sku: Sku,
    /// Its name.
    pub name: ProductName,
    /// A text about it.
    pub description: Option<Description>,
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

impl From<ProductChanged> for Product {
    /// It kept the rules when it was published.
    fn from(ProductChanged { sku, name, description, price }: ProductChanged) -> Self {
        Self { sku, name, description, price }
    }
}

impl TryFrom<Draft> for Product {
    type Error = Invalid;

    fn try_from(draft: Draft) -> Result<Self, Invalid> {
        let Draft { sku, name, description, price } = draft;
        if UNREACHABLE.contains(&sku.as_str()) {
            return Err(Invalid { field: "sku", rule: format!("must not be one of {UNREACHABLE:?}") });
        }
        let description = description.map(|text| text.as_str().trim().to_owned());
        if !(0..=HIGHEST_PRICE).contains(&price.amount) {
            let rule = format!("must be 0 to {HIGHEST_PRICE}, in the currency's minor units");
            return Err(Invalid { field: "price.amount", rule });
        }
        let (sku, name) = (sku.into(), name.as_str().trim().to_owned());
        Ok(Self { sku, name, description: description.filter(|text| !text.is_empty()), price })
    }
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

#[cfg(test)]
mod tests;
