//! The model as bytes, in parts: the content of a saved snapshot, so that a start needn't learn everything again.

use std::borrow::Cow;
use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cart::Cart;
use super::cooccurrence::Cooccurrence;
use super::pairs::PairSum;
use super::product::{Product, ProductId};
use super::product_index::ProductIndex;
use super::shopper_quota::ShopperQuota;

/// The number of carts, or of products with their pairs, in a part. A part is stored as one value.
const PER_PART: usize = 500;

/// The carts that can still change.
pub type Carts = HashMap<Uuid, Cart, FxBuildHasher>;

/// What has been learned and can't be computed from anything else.
#[derive(Default)]
pub struct Learned {
    /// The products.
    pub products: ProductIndex,
    /// The carts that can still change.
    pub carts: Carts,
    /// The shoppers' carts.
    pub shoppers: ShopperQuota,
    /// The sums over all carts.
    pub sums: Cooccurrence,
}

/// A product's pairs with products of higher numbers: the other product, the weight, and the number of carts.
type PairsAbove = Vec<(ProductId, f64, u32)>;

/// A part of a saved snapshot. The order of the parts does not matter.
#[derive(Serialize, Deserialize)]
enum Part<'a> {
    /// Everything that there is one of.
    Head(Box<Head<'a>>),
    /// Carts that can still change.
    Carts(Vec<(Uuid, Cart)>),
    /// Sums of pairs; each pair once.
    Pairs(Vec<(ProductId, PairsAbove)>),
}

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    products: Vec<Product>,
    shoppers: Cow<'a, ShopperQuota>,
    /// Without its pairs.
    sums: Cow<'a, Cooccurrence>,
    /// The number of parts beside this one, by which an incomplete snapshot is recognized.
    others: usize,
}

/// Why bytes are not a complete snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A part can't be read.
    #[error("a part can't be read")]
    Unreadable(#[from] postcard::Error),
    /// A part is missing.
    #[error("parts are missing")]
    Incomplete,
}

impl Learned {
    /// Everything that has been learned, as the parts of a snapshot.
    ///
    /// # Errors
    /// When a part can't be written, for which no cause is known.
    pub fn serialize(&self) -> Result<Vec<Vec<u8>>, SnapshotError> {
        let carts: Vec<(Uuid, Cart)> = self.carts.iter().map(|(id, cart)| (*id, cart.clone())).collect();
        let mut parts = Vec::new();
        for carts in carts.chunks(PER_PART) {
            parts.push(postcard::to_stdvec(&Part::Carts(carts.to_vec()))?);
        }
        let ids: Vec<ProductId> = (0..self.sums.products().len()).map(ProductId::from).collect();
        for products in ids.chunks(PER_PART) {
            let pairs = products.iter().map(|product| (*product, self.pairs_above(*product)));
            parts.push(postcard::to_stdvec(&Part::Pairs(pairs.collect()))?);
        }
        let head = Head {
            products: self.products.list().iter().map(|product| Product::clone(product)).collect(),
            shoppers: Cow::Borrowed(&self.shoppers),
            sums: Cow::Borrowed(&self.sums),
            others: parts.len(),
        };
        parts.push(postcard::to_stdvec(&Part::Head(Box::new(head)))?);
        Ok(parts)
    }

    /// In memory each pair is with both of its products; here it is with the one of the lower number.
    fn pairs_above(&self, product: ProductId) -> PairsAbove {
        let pairs = self.sums.get(product).into_iter().flat_map(|sums| sums.pairs.iter());
        let above = pairs.filter(|(other, _)| *other > product);
        above.map(|(other, PairSum { weight, carts })| (other, weight, carts)).collect()
    }

    /// Reads all parts of a snapshot, in any order.
    ///
    /// # Errors
    /// When a part can't be read, or one is missing.
    pub fn deserialize(parts: &[Vec<u8>]) -> Result<Self, SnapshotError> {
        let (mut learned, mut found) = (Self::default(), 0);
        let mut expected = None;
        let mut pairs = Vec::new();
        for part in parts {
            match postcard::from_bytes(part)? {
                Part::Head(head) => {
                    learned.products = ProductIndex::from_list(head.products);
                    learned.shoppers = head.shoppers.into_owned();
                    learned.sums = head.sums.into_owned();
                    expected = Some(head.others);
                    continue;
                }
                Part::Carts(carts) => learned.carts.extend(carts),
                Part::Pairs(more) => pairs.extend(more),
            }
            found += 1;
        }
        if expected != Some(found) {
            return Err(SnapshotError::Incomplete);
        }
        for (product, others) in pairs {
            for (other, weight, carts) in others {
                learned.sums.restore_pair(product, other, PairSum { weight, carts });
            }
        }
        Ok(learned)
    }
}
