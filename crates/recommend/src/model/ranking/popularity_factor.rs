//! How much a product's popularity counts in the ranking for a cart.

use crate::model::popularity::{Popularity, PopularityRange};

const POPULARITY_EXPONENT: f32 = 0.12;
const LESS_PER_LN_PRODUCTS: f32 = 0.06;
const TREND_EXPONENT: f32 = 0.05;

/// The factor `n_j^(POPULARITY_EXPONENT - LESS_PER_LN_PRODUCTS ln m) trend_j^TREND_EXPONENT` for a cart of m
/// products. Beside few products, popularity says more than they do. Beside many it says less, and each of them has
/// counted it already.
pub struct PopularityFactor {
    exponent: f32,
}

impl PopularityFactor {
    /// The factor for a cart of this many products.
    pub fn for_cart_of(products: usize) -> Self {
        let products = products.max(1) as f32;
        Self { exponent: POPULARITY_EXPONENT - LESS_PER_LN_PRODUCTS * products.ln() }
    }

    /// A product's factor.
    pub fn of(&self, popularity: Popularity) -> f32 {
        (self.exponent * popularity.ln_weight + TREND_EXPONENT * popularity.ln_trend).exp()
    }

    /// An upper bound of all products' factors.
    pub fn greatest(&self, PopularityRange { least, greatest }: PopularityRange) -> f32 {
        let popular = self.exponent * if self.exponent > 0.0 { greatest.ln_weight } else { least.ln_weight };
        (popular + TREND_EXPONENT * greatest.ln_trend).exp()
    }
}
