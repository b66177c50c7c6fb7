use std::collections::HashMap;

use crate::product::{Draft, Product};

/// What a file says.
#[derive(Debug, Default)]
pub struct Read {
    /// The products that keep all rules, in the order of the file.
    pub products: Vec<Product>,
    /// The lines that don't.
    pub faults: Vec<Fault>,
    /// Which SKU is where.
    lines: HashMap<String, u64>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line's number, from 1.
    pub line: u64,
    /// The field or column.
    pub field: Option<String>,
    /// What is wrong.
    pub rule: String,
}

/// What is wrong with the file as a whole.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl Fault {
    pub(super) fn new(line: u64, field: impl Into<Option<String>>, rule: impl Into<String>) -> Self {
        Self { line, field: field.into(), rule: rule.into() }
    }
}

impl Read {
    /// Takes a line: no SKU may be in the file twice, since it would be unclear which of the two counts.
    pub(super) fn take(&mut self, line: u64, draft: Result<Draft, Fault>) {
        let product = draft.and_then(|draft| {
            let invalid =
                |invalid: crate::product::Invalid| Fault::new(line, invalid.field.to_owned(), invalid.rule);
            Product::try_from(draft).map_err(invalid)
        });
        match product {
            Err(fault) => self.faults.push(fault),
            Ok(product) => self.take_product(line, product),
        }
    }

    /// In which line one of its products is.
    pub fn line_of(&self, product: &Product) -> i64 {
        self.lines.get(product.sku()).map_or(0, |line| i64::try_from(*line).unwrap_or(i64::MAX))
    }

    fn take_product(&mut self, line: u64, product: Product) {
        if let Some(earlier) = self.lines.get(product.sku()) {
            let rule = format!("'{}' is in line {earlier} too", product.sku());
            return self.faults.push(Fault::new(line, "sku".to_owned(), rule));
        }
        self.lines.insert(product.sku().to_owned(), line);
        self.products.push(product);
    }
}
