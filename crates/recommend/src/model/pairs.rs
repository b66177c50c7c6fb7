//! With which products one was met, and how much that counts.

use std::collections::HashMap;

use super::product::ProductId;
use rustc_hash::FxBuildHasher;

/// A sum over carts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// What the carts count together.
    pub weight: f64,
    /// How many there are. It tells when nothing is left, which a sum of floating-point numbers can't.
    pub carts: u32,
}

/// A [`Sum`] in 12 bytes instead of 16, so that an entry of the map takes 16 instead of 24: pairs are most of the
/// model's memory.
#[derive(Clone, Copy, Debug)]
struct Packed([u32; 3]);

/// The sums of the pairs that one product is in.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    sums: HashMap<ProductId, Packed, FxBuildHasher>,
}

impl Sum {
    fn add(self, weight: f64, carts: i32) -> Self {
        Self { weight: self.weight + weight, carts: self.carts.saturating_add_signed(carts) }
    }
}

impl Pairs {
    /// Adds to the sum with another product; forgets it when no cart is left.
    pub fn add(&mut self, other: ProductId, weight: f64, carts: i32) {
        // Nearly always it is there.
        let Some(packed) = self.sums.get_mut(&other) else {
            self.sums.insert(other, Sum::default().add(weight, carts).into());
            return;
        };
        let sum = Sum::from(*packed).add(weight, carts);
        *packed = sum.into();
        if sum.carts == 0 {
            self.sums.remove(&other);
        }
    }

    /// Sets the sum with another product.
    pub fn set(&mut self, other: ProductId, sum: Sum) {
        self.sums.insert(other, sum.into());
    }

    /// The sum with another product.
    #[must_use]
    pub fn with(&self, other: ProductId) -> Sum {
        self.sums.get(&other).copied().map(Sum::from).unwrap_or_default()
    }

    /// All others, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (ProductId, Sum)> {
        self.sums.iter().map(|(other, sum)| (*other, (*sum).into()))
    }

    /// Multiplies all weights.
    pub fn scale(&mut self, factor: f64) {
        for packed in self.sums.values_mut() {
            let sum = Sum::from(*packed);
            *packed = Sum { weight: sum.weight * factor, ..sum }.into();
        }
    }

    /// How many others there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sums.len()
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the halves of a number of 64 bits")]
impl From<Sum> for Packed {
    fn from(Sum { weight, carts }: Sum) -> Self {
        let bits = weight.to_bits();
        Self([(bits >> 32) as u32, bits as u32, carts])
    }
}

impl From<Packed> for Sum {
    fn from(Packed([high, low, carts]): Packed) -> Self {
        Self { weight: f64::from_bits(u64::from(high) << 32 | u64::from(low)), carts }
    }
}
