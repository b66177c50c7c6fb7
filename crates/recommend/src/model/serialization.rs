//! The model as bytes, so that a start needn't learn everything again.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Model;
use super::cart::Cart;
use super::pairs::Sum;
use super::product::{Product, ProductId};
use super::products::Products;
use super::shoppers::Shoppers;
use super::statistics::Statistics;

/// So many carts, or products' rows of pairs, make a part: enough to be stored as one value.
const PER_PART: usize = 500;

/// What a product's pairs with those of higher numbers weigh, and in how many carts they are.
type HalfRow = Vec<(ProductId, f64, u32)>;

/// A part of a snapshot. All of them, in any order, are the whole.
#[derive(Serialize, Deserialize)]
enum Part<'a> {
    /// Everything that there is one of.
    Head(Box<Head<'a>>),
    /// Carts that can still change.
    Carts(Vec<(Uuid, Cart)>),
    /// Sums of pairs; each pair once.
    Pairs(Vec<(ProductId, HalfRow)>),
}

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    products: Vec<Product>,
    shoppers: Cow<'a, Shoppers>,
    /// Without its pairs.
    statistics: Cow<'a, Statistics>,
    /// How many parts there are beside it: an incomplete snapshot is none.
    others: usize,
}

/// Why bytes are no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A part can't be read.
    #[error("a part can't be read: {0}")]
    Unreadable(#[from] postcard::Error),
    /// A part is missing.
    #[error("parts are missing")]
    Incomplete,
}

impl Model {
    /// Everything that was learned. The quality tier is not in it: it is solved again.
    ///
    /// # Errors
    /// When a part can't be written, which nothing known leads to.
    pub fn snapshot(&self) -> Result<Vec<Vec<u8>>, SnapshotError> {
        let carts: Vec<(Uuid, Cart)> = self.carts.iter().map(|(id, cart)| (*id, cart.clone())).collect();
        let mut parts = Vec::new();
        for carts in carts.chunks(PER_PART) {
            parts.push(postcard::to_stdvec(&Part::Carts(carts.to_vec()))?);
        }
        let numbers: Vec<ProductId> = (0..self.statistics.products().len()).map(ProductId::from).collect();
        for products in numbers.chunks(PER_PART) {
            let rows = products.iter().map(|product| (*product, self.half_of_pairs(*product)));
            parts.push(postcard::to_stdvec(&Part::Pairs(rows.collect()))?);
        }
        let head = Head {
            products: self.products.list().iter().map(|product| Product::clone(product)).collect(),
            shoppers: Cow::Borrowed(&self.shoppers),
            statistics: Cow::Borrowed(&self.statistics),
            others: parts.len(),
        };
        parts.push(postcard::to_stdvec(&Part::Head(Box::new(head)))?);
        Ok(parts)
    }

    /// Each pair is with both of its products; here it is with the one of the lower number.
    fn half_of_pairs(&self, product: ProductId) -> HalfRow {
        let pairs = self.statistics.get(product).into_iter().flat_map(|sums| sums.pairs.iter());
        let half = pairs.filter(|(other, _)| *other > product);
        half.map(|(other, Sum { weight, carts })| (other, weight, carts)).collect()
    }

    /// The model out of all parts of a snapshot.
    ///
    /// # Errors
    /// When a part can't be read, or one is missing.
    pub fn restore(parts: &[Vec<u8>]) -> Result<Self, SnapshotError> {
        let (mut model, mut found) = (Self::default(), 0);
        let mut expected = None;
        let mut pairs = Vec::new();
        for part in parts {
            match postcard::from_bytes(part)? {
                Part::Head(head) => {
                    model.products = Products::from_list(head.products);
                    model.shoppers = head.shoppers.into_owned();
                    model.statistics = head.statistics.into_owned();
                    expected = Some(head.others);
                    continue;
                }
                Part::Carts(carts) => model.carts.extend(carts),
                Part::Pairs(rows) => pairs.extend(rows),
            }
            found += 1;
        }
        if expected != Some(found) {
            return Err(SnapshotError::Incomplete);
        }
        for (product, row) in pairs {
            for (other, weight, carts) in row {
                model.statistics.restore_pair(product, other, Sum { weight, carts });
            }
        }
        model.all_are_stale();
        Ok(model)
    }
}
