//! The catalogue and the baskets that the demo replays: a year of a real shop, built into the binary.
//!
//! Origin, licence and the format of both files are in `data/README.md`.

use std::collections::BTreeMap;

use anyhow::Context as _;
use csv::StringRecord;
use flate2::read::GzDecoder;

pub use web::sample::{Product, products};

const BASKETS: &[u8] = include_bytes!("../../data/baskets.csv.gz");

/// What somebody bought at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    /// The number of its invoice.
    pub id: String,
    /// Who bought it, where the shop knew.
    pub shopper: Option<Shopper>,
    /// What was bought, in order; a SKU may come more than once.
    pub lines: Vec<BasketLine>,
}

/// A customer whom the shop knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shopper {
    /// The customer's number.
    pub id: String,
    /// The language of the mails, `de` or `en`.
    pub language: String,
}

impl Shopper {
    /// An address that is the shopper's alone, in a domain that reaches nobody.
    #[must_use]
    pub fn email(&self) -> String {
        format!("shopper-{}@example.test", self.id)
    }
}

/// One product in a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasketLine {
    /// Which product.
    pub sku: String,
    /// How many of it, at least 1.
    pub quantity: i64,
}

/// The first `limit` baskets, or all of them, in order of time. Reads no further than it must.
pub fn baskets(limit: Option<usize>) -> anyhow::Result<Vec<Basket>> {
    first_baskets(limit.unwrap_or(usize::MAX)).context("data/baskets.csv.gz")
}

/// How many of each SKU these baskets sell when each is put into a cart of its own, line by line.
///
/// A line that would bring its SKU above `line_limit` in its cart counts for nothing, as the cart refuses it whole;
/// what that cart holds of the SKU by then stays.
#[must_use]
pub fn sold(baskets: &[Basket], line_limit: i64) -> BTreeMap<String, i64> {
    let mut sold = BTreeMap::new();
    for basket in baskets {
        for (sku, quantity) in accepted(basket, line_limit) {
            *sold.entry(sku.to_owned()).or_default() += quantity;
        }
    }
    sold
}

fn accepted(basket: &Basket, line_limit: i64) -> BTreeMap<&str, i64> {
    let mut cart = BTreeMap::new();
    for line in &basket.lines {
        let held = cart.get(line.sku.as_str()).copied().unwrap_or(0);
        if held + line.quantity <= line_limit {
            cart.insert(line.sku.as_str(), held + line.quantity);
        }
    }
    cart
}

fn first_baskets(limit: usize) -> anyhow::Result<Vec<Basket>> {
    let mut baskets: Vec<Basket> = Vec::new();
    for row in rows(BASKETS) {
        let row = row?;
        if !field(&row, 0)?.is_empty() {
            if baskets.len() == limit {
                break;
            }
            baskets.push(basket(&row)?);
        }
        let open = baskets.last_mut().context("the first line belongs to no basket")?;
        open.lines.push(BasketLine { sku: field(&row, 4)?.to_owned(), quantity: number(&row, 5)? });
    }
    Ok(baskets)
}

fn basket(row: &StringRecord) -> anyhow::Result<Basket> {
    let shopper = Shopper { id: field(row, 2)?.to_owned(), language: field(row, 3)?.to_owned() };
    let known = !shopper.id.is_empty();
    Ok(Basket { id: field(row, 0)?.to_owned(), shopper: known.then_some(shopper), lines: Vec::new() })
}

fn rows(packed: &'static [u8]) -> impl Iterator<Item = csv::Result<StringRecord>> {
    csv::Reader::from_reader(GzDecoder::new(packed)).into_records()
}

fn field(row: &StringRecord, column: usize) -> anyhow::Result<&str> {
    row.get(column).with_context(|| format!("column {column} is missing in {row:?}"))
}

fn number(row: &StringRecord, column: usize) -> anyhow::Result<i64> {
    let text = field(row, column)?;
    text.parse().with_context(|| format!("{text:?} is no whole number in {row:?}"))
}

#[cfg(test)]
mod tests;
