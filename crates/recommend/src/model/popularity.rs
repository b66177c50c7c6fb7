//! How popular products are, in all and now, relative to the average product.

use std::sync::Arc;

use super::cooccurrence::{Cooccurrence, ProductSums};
use super::product::ProductId;

/// Added to both weights before one is divided by the other, so that a single cart makes no trend.
const SMOOTHING: f64 = 0.2;

/// How popular a product is. The average weight is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Popularity {
    /// The natural logarithm of its weight.
    pub ln_weight: f32,
    /// The natural logarithm of its recent weight divided by its weight in all.
    pub ln_trend: f32,
}

/// The least and the greatest popularity of any product.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PopularityRange {
    /// The least of each field.
    pub least: Popularity,
    /// The greatest of each field.
    pub greatest: Popularity,
}

impl PopularityRange {
    /// The range of these.
    #[must_use]
    pub fn of(popularities: &[Popularity]) -> Self {
        popularities.iter().fold(Self::default(), |Self { least, greatest }, other| Self {
            least: least.combine(*other, f32::min),
            greatest: greatest.combine(*other, f32::max),
        })
    }
}

impl Popularity {
    fn combine(self, other: Self, choose: fn(f32, f32) -> f32) -> Self {
        Self {
            ln_weight: choose(self.ln_weight, other.ln_weight),
            ln_trend: choose(self.ln_trend, other.ln_trend),
        }
    }
}

/// The popularity of all products, by their numbers.
#[must_use]
pub fn popularities(sums: &Cooccurrence) -> Arc<[Popularity]> {
    let means = sums.means();
    let of = |product: &ProductSums| {
        if product.carts == 0 {
            return Popularity::default();
        }
        // Rounding may leave slightly less than 0.
        let weight = (product.weight / means.weight).max(f64::MIN_POSITIVE);
        let recent = (product.recent / means.recent).max(0.0);
        let trend = (recent + SMOOTHING) / (weight + SMOOTHING);
        Popularity { ln_weight: weight.ln() as f32, ln_trend: trend.ln() as f32 }
    };
    sums.products().iter().map(of).collect()
}

/// The products that are popular now, the most popular first.
#[must_use]
pub fn trending(sums: &Cooccurrence, limit: usize) -> Arc<[ProductId]> {
    greatest_by(sums, limit, |product| product.recent)
}

/// The products that are most popular in all, the most popular first.
#[must_use]
pub fn most_popular(sums: &Cooccurrence, limit: usize) -> Arc<[ProductId]> {
    greatest_by(sums, limit, |product| product.weight)
}

fn greatest_by(sums: &Cooccurrence, limit: usize, by: impl Fn(&ProductSums) -> f64) -> Arc<[ProductId]> {
    let all = sums.products();
    let mut products: Vec<usize> = (0..all.len()).filter(|product| all[*product].carts > 0).collect();
    let order = |a: &usize, b: &usize| by(&all[*b]).total_cmp(&by(&all[*a])).then(a.cmp(b));
    if products.len() > limit {
        products.select_nth_unstable_by(limit, order);
        products.truncate(limit);
    }
    products.sort_unstable_by(order);
    products.into_iter().map(ProductId::from).collect()
}
