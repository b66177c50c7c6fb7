//! A real catalogue to try the shop with: what a gift wholesaler in the United Kingdom sold in 2011. Its origin and licence
//! are in `crates/verify/data/README.md`.

mod sorting;

use anyhow::Context;
use csv::StringRecord;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

const PRODUCTS: &[u8] = include_bytes!("../../verify/data/products.csv.gz");

/// A product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The shop's stock code, like `85123A`.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// The price of one, in pence.
    pub price_minor: i64,
}

/// All products, in order of SKU.
///
/// # Errors
/// When the file that is built in is damaged.
pub fn products() -> anyhow::Result<Vec<Product>> {
    let rows = csv::Reader::from_reader(GzDecoder::new(PRODUCTS)).into_records();
    rows.map(|row| product(&row?)).collect::<anyhow::Result<_>>().context("data/products.csv.gz")
}

fn product(row: &StringRecord) -> anyhow::Result<Product> {
    let field =
        |column: usize| row.get(column).with_context(|| format!("column {column} is missing in {row:?}"));
    let price = field(2)?;
    let price_minor = price.parse().with_context(|| format!("{price:?} is no whole number in {row:?}"))?;
    Ok(Product { sku: field(0)?.to_owned(), name: field(1)?.to_owned(), price_minor })
}

impl Product {
    /// As the catalog takes it, sorted into categories by what its name says.
    #[must_use]
    pub fn for_catalog(&self) -> Value {
        json!({
            "sku": self.sku,
            "name": self.name,
            "price": {"amount": self.price_minor, "currency": "GBP"},
            "categories": [sorting::category(&self.name)],
            "attributes": sorting::attributes(&self.name),
        })
    }

    /// A stock for a shop that is tried out, as inventory takes it: a few products are scarce, and some are sold out.
    #[must_use]
    pub fn stock(&self) -> Value {
        let sum = self.sku.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let available = match sum % 20 {
            0 => 0,
            1..=3 => sum % 5 + 1,
            _ => 20 + sum % 180,
        };
        json!({"sku": self.sku, "available": available})
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn most_products_find_a_category_and_no_category_is_nearly_empty() {
        let products = products().unwrap();
        let mut counts = BTreeMap::<&str, usize>::new();
        for product in &products {
            *counts.entry(sorting::category(&product.name)).or_default() += 1;
        }
        assert!(counts["Curiosities"] < products.len() / 4, "{counts:?}");
        assert!(counts.values().all(|count| *count > 15), "{counts:?}");
    }

    #[test]
    fn a_shop_that_is_tried_out_has_what_is_plenty_scarce_and_sold_out() {
        let stock: Vec<_> = products()
            .unwrap()
            .iter()
            .map(|product| product.stock()["available"].as_i64().unwrap())
            .collect();
        for range in [0..1, 1..6, 20..200] {
            assert!(stock.iter().filter(|pieces| range.contains(*pieces)).count() > 50, "{range:?}");
        }
    }
}
