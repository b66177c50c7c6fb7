use events::Total;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::CartLine;

/// A cart's lines, in the order in which they were first added. What an addition needs costs the same however many there
/// are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<CartLine>", into = "Vec<CartLine>")]
pub struct Lines {
    by_sku: IndexMap<String, CartLine>,
    /// What all cost together, in minor units.
    amount: i128,
    /// Of the SKUs and names.
    text_bytes: usize,
}

impl Lines {
    /// The line of this product.
    #[must_use]
    pub fn get(&self, sku: &str) -> Option<&CartLine> {
        self.by_sku.get(sku)
    }

    /// Puts a line in place of the product's former one, or behind all others.
    pub fn put(&mut self, line: CartLine) {
        self.add_to_sums(&line);
        if let Some(former) = self.by_sku.insert(line.sku.clone(), line) {
            self.take_from_sums(&former);
        }
    }

    /// Takes the product's line out.
    pub fn take(&mut self, sku: &str) -> Option<CartLine> {
        let taken = self.by_sku.shift_remove(sku)?;
        self.take_from_sums(&taken);
        Some(taken)
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &CartLine> {
        self.by_sku.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_sku.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_sku.is_empty()
    }

    /// The price of all; `None` when there are none.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        let (_, first) = self.by_sku.first()?;
        Some(Total { amount: self.amount, currency: first.unit_price.currency })
    }

    /// About how much memory they take, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.by_sku.capacity() * (size_of::<CartLine>() + size_of::<(String, usize, usize)>())
            + self.text_bytes
    }

    fn add_to_sums(&mut self, line: &CartLine) {
        self.amount += line.price().amount;
        self.text_bytes += text_bytes(line);
    }

    fn take_from_sums(&mut self, line: &CartLine) {
        self.amount -= line.price().amount;
        self.text_bytes -= text_bytes(line);
    }
}

impl From<Vec<CartLine>> for Lines {
    fn from(list: Vec<CartLine>) -> Self {
        let mut lines = Self::default();
        for line in list {
            lines.put(line);
        }
        lines
    }
}

impl From<Lines> for Vec<CartLine> {
    fn from(lines: Lines) -> Self {
        lines.by_sku.into_values().collect()
    }
}

/// The SKU is there twice: as a key too.
fn text_bytes(line: &CartLine) -> usize {
    let fields = line.fields.iter().map(|(name, value)| name.len() + value.len() + 2 * size_of::<String>());
    2 * line.sku.len() + line.name.len() + fields.sum::<usize>()
}
