//! The pairs that one product forms with others: in how many carts, and with which weight.

use std::collections::HashMap;

use super::product::ProductId;
use rustc_hash::FxBuildHasher;

/// A sum over the carts that contain both products of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairSum {
    /// The weight of these carts together.
    pub weight: f64,
    /// The number of these carts. It shows when none is left, which a sum of floating-point numbers can't.
    pub carts: u32,
}

/// A [`PairSum`] in 12 bytes instead of 16, so that an entry of the map takes 16 instead of 24: pairs are most of the
/// model's memory.
#[derive(Clone, Copy, Debug)]
struct PackedSum([u32; 3]);

/// The sums of all pairs that one product is in.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    sums: HashMap<ProductId, PackedSum, FxBuildHasher>,
}

impl PairSum {
    fn add(self, weight: f64, carts: i32) -> Self {
        Self { weight: self.weight + weight, carts: self.carts.saturating_add_signed(carts) }
    }
}

impl Pairs {
    /// Adds to the sum with another product, and removes the pair when no cart is left.
    pub fn add(&mut self, other: ProductId, weight: f64, carts: i32) {
        // Nearly always the pair exists.
        let Some(packed) = self.sums.get_mut(&other) else {
            self.sums.insert(other, PairSum::default().add(weight, carts).into());
            return;
        };
        let sum = PairSum::from(*packed).add(weight, carts);
        *packed = sum.into();
        if sum.carts == 0 {
            self.sums.remove(&other);
        }
    }

    /// Sets the sum with another product.
    pub fn set(&mut self, other: ProductId, sum: PairSum) {
        self.sums.insert(other, sum.into());
    }

    /// The sum with another product.
    #[must_use]
    pub fn with(&self, other: ProductId) -> PairSum {
        self.sums.get(&other).copied().map(PairSum::from).unwrap_or_default()
    }

    /// All other products and the sums with them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (ProductId, PairSum)> {
        self.sums.iter().map(|(other, sum)| (*other, (*sum).into()))
    }

    /// Multiplies all weights.
    pub fn scale(&mut self, factor: f64) {
        for packed in self.sums.values_mut() {
            let sum = PairSum::from(*packed);
            *packed = PairSum { weight: sum.weight * factor, ..sum }.into();
        }
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sums.len()
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the two halves of a 64-bit number")]
impl From<PairSum> for PackedSum {
    fn from(PairSum { weight, carts }: PairSum) -> Self {
        let bits = weight.to_bits();
        Self([(bits >> 32) as u32, bits as u32, carts])
    }
}

impl From<PackedSum> for PairSum {
    fn from(PackedSum([high, low, carts]): PackedSum) -> Self {
        Self { weight: f64::from_bits(u64::from(high) << 32 | u64::from(low)), carts }
    }
}
