//! What one product says about all others, ready to be read.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::popularity::Popularity;
use super::product::ProductId;
use super::quality::Quality;
use super::statistics::Statistics;

/// A row keeps so many products that one suggests, the strongest; beyond are hardly any suggestions.
pub const KEPT_FOR: usize = 200;
/// And so many that it speaks against, the strongest, as EASE^R does where another explains better.
pub const KEPT_AGAINST: usize = 100;
/// The list of related products is so long: those that may be asked for, and some in place of those that can't be had.
const RELATED: usize = 80;

/// (C_ij / (n_i^OF n_j^TO))^SHARPNESS is how strongly the streaming model has product i of a cart suggest product j: a
/// cosine in which the suggested product's weight counts less than half, so that popular ones are suggested a little
/// more often. It is sharpened, since in a cart many weak hints would outvote a strong one.
const OF: f32 = 0.72;
const TO: f32 = 0.26;
const SHARPNESS: f32 = 2.15;
/// How much the streaming model counts beside the quality tier.
const STREAMING_SHARE: f32 = 0.3;
/// For one product alone (C_ij + PRIOR n_j/N) n_j^LESS_POPULAR trend_j^MORE_TRENDING is taken, with N products, and no
/// quality tier: what goes with this is asked, not what it adds. Where little is known the popular comes first.
const PRIOR: f32 = 2.0;
const LESS_POPULAR: f32 = -0.1;
const MORE_TRENDING: f32 = 0.2;

/// What one product says about others.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What it adds to the score of others in a cart that it is in, by product.
    pub for_carts: Box<[Neighbour]>,
    /// The products that go with it alone, the strongest first.
    pub related: Box<[Neighbour]>,
}

/// Another product, as seen from one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The other product.
    pub product: ProductId,
    /// How strongly the one suggests it; below 0 it speaks against it.
    pub strength: f32,
    /// In how many carts the two are together.
    pub carts: u32,
}

/// What the streaming model says at most in a row, on average over the rows. With it the quality tier is put on the
/// same scale.
#[derive(Default)]
pub struct Typical {
    strongest: Vec<f32>,
}

impl Typical {
    /// What it says at most in this product's row.
    pub fn set(&mut self, product: ProductId, strongest: f32) {
        if self.strongest.len() <= product.index() {
            self.strongest.resize(product.index() + 1, 0.0);
        }
        self.strongest[product.index()] = strongest;
    }

    /// On average over the rows that say anything.
    #[must_use]
    pub fn mean(&self) -> f32 {
        let said = self.strongest.iter().filter(|strongest| **strongest > 0.0);
        let (number, sum) = said.fold((0.0, 0.0), |(number, sum), strongest| (number + 1.0, sum + strongest));
        if number > 0.0 { sum / number } else { 0.0 }
    }
}

/// Makes rows.
pub struct Rows<'a> {
    /// The sums.
    pub statistics: &'a Statistics,
    /// What a product weighs on average.
    pub mean_weight: f64,
    /// By product.
    pub popularities: &'a [Popularity],
    /// The products that are met most, to be suggested where little is known.
    pub popular: &'a [ProductId],
    /// The quality tier.
    pub quality: &'a Quality,
    /// See [`Typical::mean`].
    pub typical: f32,
}

impl Rows<'_> {
    /// Makes a product's row.
    #[must_use]
    pub fn row(&self, product: ProductId) -> Row {
        Row { for_carts: self.for_carts(product), related: self.related(product) }
    }

    /// What the streaming model says most strongly in a product's row.
    #[must_use]
    pub fn strongest(&self, product: ProductId) -> f32 {
        self.streaming(product).map(|other| other.strength).fold(0.0, f32::max)
    }

    fn for_carts(&self, product: ProductId) -> Box<[Neighbour]> {
        let mut row: HashMap<ProductId, Neighbour, FxBuildHasher> =
            self.streaming(product).map(|other| (other.product, other)).collect();
        let share = self.typical / STREAMING_SHARE;
        for (other, strength) in self.quality.row(product) {
            let none = Neighbour { product: *other, strength: 0.0, carts: 0 };
            row.entry(*other).or_insert(none).strength += share * strength;
        }
        let (mut speaks_for, mut against): (Vec<_>, Vec<_>) =
            row.into_values().partition(|other| other.strength >= 0.0);
        keep_first(&mut speaks_for, KEPT_FOR, |a, b| b.strength.total_cmp(&a.strength));
        keep_first(&mut against, KEPT_AGAINST, |a, b| a.strength.total_cmp(&b.strength));
        speaks_for.append(&mut against);
        speaks_for.sort_unstable_by_key(|other| other.product);
        speaks_for.into()
    }

    fn streaming(&self, product: ProductId) -> impl Iterator<Item = Neighbour> {
        let own = OF * self.popularities[product.index()].ln_weight;
        self.pairs(product).map(move |(mut other, popularity)| {
            let cosine = other.strength.ln() - own - TO * popularity.ln_weight;
            other.strength = (SHARPNESS * cosine).exp();
            other
        })
    }

    fn related(&self, product: ProductId) -> Box<[Neighbour]> {
        let prior = PRIOR / self.popularities.len() as f32;
        let strength = |pair: f32, popularity: Popularity| {
            let factor = LESS_POPULAR * popularity.ln_weight + MORE_TRENDING * popularity.ln_trend;
            (pair + prior * popularity.ln_weight.exp()) * factor.exp()
        };
        let met = self.pairs(product).map(|(other, popularity)| Neighbour {
            strength: strength(other.strength, popularity),
            ..other
        });
        let mut row: Vec<Neighbour> = met.collect();
        let is_met = |other: ProductId| self.statistics.pair(product, other).carts > 0;
        let popular = self.popular.iter().filter(|other| **other != product && !is_met(**other));
        row.extend(popular.map(|other| {
            let strength = strength(0.0, self.popularities[other.index()]);
            Neighbour { product: *other, strength, carts: 0 }
        }));
        let order = |a: &Neighbour, b: &Neighbour| {
            b.strength.total_cmp(&a.strength).then(a.product.cmp(&b.product))
        };
        keep_first(&mut row, RELATED, order);
        row.sort_unstable_by(order);
        row.into()
    }

    /// The others that were met, with the pair's weight as strength, and how popular they are.
    fn pairs(&self, product: ProductId) -> impl Iterator<Item = (Neighbour, Popularity)> {
        let sums = self.statistics.get(product);
        sums.into_iter().flat_map(|sums| sums.pairs.iter()).map(|(product, sum)| {
            // Rounding may leave a hair less than nothing.
            let strength = (sum.weight / self.mean_weight).max(0.0) as f32;
            (Neighbour { product, strength, carts: sum.carts }, self.popularities[product.index()])
        })
    }
}

/// Keeps the first so many in this order; which ones of equals is decided by their numbers, always the same way.
fn keep_first(
    row: &mut Vec<Neighbour>,
    most: usize,
    order: impl Fn(&Neighbour, &Neighbour) -> std::cmp::Ordering,
) {
    if row.len() > most {
        row.select_nth_unstable_by(most, |a, b| order(a, b).then(a.product.cmp(&b.product)));
        row.truncate(most);
    }
}
