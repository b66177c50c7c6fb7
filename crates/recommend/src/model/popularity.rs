//! How popular products are, in all and now, measured against the average product.

use std::sync::Arc;

use super::product::ProductId;
use super::statistics::{OfProduct, Statistics};

/// Added to what a product weighs where one weight is divided by another, so that one cart makes no trend.
const SMOOTHING: f64 = 0.2;

/// How popular a product is. An average one weighs 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Popularity {
    /// The natural logarithm of what it weighs.
    pub ln_weight: f32,
    /// The natural logarithm of how much more popular it is now than in all.
    pub ln_trend: f32,
}

/// Between these all popularities are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extremes {
    /// The least of each.
    pub least: Popularity,
    /// The most of each.
    pub most: Popularity,
}

impl Extremes {
    /// Those of these products.
    #[must_use]
    pub fn of(popularities: &[Popularity]) -> Self {
        popularities.iter().fold(Self::default(), |Self { least, most }, other| Self {
            least: least.combine(*other, f32::min),
            most: most.combine(*other, f32::max),
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
pub fn popularities(statistics: &Statistics) -> Arc<[Popularity]> {
    let means = statistics.means();
    let of = |sums: &OfProduct| {
        if sums.carts == 0 {
            return Popularity::default();
        }
        // Rounding may leave a hair less than nothing.
        let weight = (sums.weight / means.weight).max(f64::MIN_POSITIVE);
        let recent = (sums.recent / means.recent).max(0.0);
        let trend = (recent + SMOOTHING) / (weight + SMOOTHING);
        Popularity { ln_weight: weight.ln() as f32, ln_trend: trend.ln() as f32 }
    };
    statistics.products().iter().map(of).collect()
}

/// The products that are popular now, the strongest first.
#[must_use]
pub fn trending(statistics: &Statistics, most: usize) -> Arc<[ProductId]> {
    strongest(statistics, most, |sums| sums.recent)
}

/// The products that weigh most in all, the strongest first.
#[must_use]
pub fn heaviest(statistics: &Statistics, most: usize) -> Arc<[ProductId]> {
    strongest(statistics, most, |sums| sums.weight)
}

fn strongest(statistics: &Statistics, most: usize, by: impl Fn(&OfProduct) -> f64) -> Arc<[ProductId]> {
    let all = statistics.products();
    let mut products: Vec<usize> = (0..all.len()).filter(|product| all[*product].carts > 0).collect();
    let order = |a: &usize, b: &usize| by(&all[*b]).total_cmp(&by(&all[*a])).then(a.cmp(b));
    if products.len() > most {
        products.select_nth_unstable_by(most, order);
        products.truncate(most);
    }
    products.sort_unstable_by(order);
    products.into_iter().map(ProductId::from).collect()
}
