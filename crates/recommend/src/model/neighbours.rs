//! What one product says about all others, ready to be read.

use std::cmp::Ordering;

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

/// (`C_ij` / (`n_i^OF` `n_j^TO))^SHARPNESS` is how strongly the streaming model has product i of a cart suggest product j: a
/// cosine in which the suggested product's weight counts less than half, so that popular ones are suggested a little
/// more often. It is sharpened, since in a cart many weak hints would outvote a strong one.
const OF: f32 = 0.72;
const TO: f32 = 0.26;
const SHARPNESS: f32 = 2.15;
/// How much the streaming model counts beside the quality tier.
const STREAMING_SHARE: f32 = 0.3;
/// For one product alone (`C_ij` + PRIOR `n_j/N`) `n_j^LESS_POPULAR` `trend_j^MORE_TRENDING` is taken, with N products, and no
/// quality tier: what goes with this is asked, not what it adds. Where little is known the popular comes first.
const PRIOR: f32 = 2.0;
const LESS_POPULAR: f32 = -0.1;
const MORE_TRENDING: f32 = 0.2;

/// What one product says about others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// What it adds to the score of others in a cart that it is in.
    pub for_carts: ForCarts,
    /// The products that go with it alone, the strongest first.
    pub related: Box<[Neighbour]>,
}

/// The same as [`Neighbour`]s, sorted by product. What is read together stands together: a cart reads many rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForCarts {
    /// See [`Neighbour::product`].
    pub products: Box<[ProductId]>,
    /// See [`Neighbour::strength`].
    pub strengths: Box<[f32]>,
    carts: Box<[u32]>,
}

impl ForCarts {
    /// What it says about one product.
    #[must_use]
    pub fn get(&self, product: ProductId) -> Option<Neighbour> {
        let place = self.products.binary_search(&product).ok()?;
        Some(Neighbour { product, strength: self.strengths[place], carts: self.carts[place] })
    }
}

impl FromIterator<Neighbour> for ForCarts {
    fn from_iter<T: IntoIterator<Item = Neighbour>>(row: T) -> Self {
        let mut row: Vec<Neighbour> = row.into_iter().collect();
        row.sort_unstable_by_key(|other| other.product);
        Self {
            products: row.iter().map(|other| other.product).collect(),
            strengths: row.iter().map(|other| other.strength).collect(),
            carts: row.iter().map(|other| other.carts).collect(),
        }
    }
}

/// What the streaming model says at most in a row, on average over the rows. With it the quality tier is put on the same
/// scale.
#[derive(Default)]
pub struct Typical {
    /// By product.
    most: Vec<f32>,
    sum: f64,
    rows: u32,
}

impl Typical {
    /// What it says at most in this product's row.
    pub fn set(&mut self, product: ProductId, most: f32) {
        if self.most.len() <= product.index() {
            self.most.resize(product.index() + 1, 0.0);
        }
        let before = std::mem::replace(&mut self.most[product.index()], most);
        self.sum += f64::from(most) - f64::from(before);
        self.rows = self.rows + u32::from(most > 0.0) - u32::from(before > 0.0);
    }

    /// On average over the rows that say anything.
    #[must_use]
    pub fn mean(&self) -> f32 {
        (self.sum / f64::from(self.rows.max(1))) as f32
    }
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

/// What a product's popularity contributes to rows that it is in. Computed once, not once for each row.
#[derive(Clone, Copy)]
struct Factors {
    for_carts: f32,
    related: f32,
    prior: f32,
}

impl Factors {
    fn of(popularity: Popularity, products: usize) -> Self {
        let Popularity { ln_weight, ln_trend } = popularity;
        Self {
            for_carts: (-TO * ln_weight).exp(),
            related: (LESS_POPULAR * ln_weight + MORE_TRENDING * ln_trend).exp(),
            prior: PRIOR * ln_weight.exp() / products as f32,
        }
    }
}

/// Makes rows.
pub struct Rows<'a> {
    statistics: &'a Statistics,
    popularities: &'a [Popularity],
    /// The products that are met most, to be suggested where little is known.
    popular: &'a [ProductId],
    quality: &'a Quality,
    /// What the quality tier is multiplied with.
    quality_share: f32,
    mean_weight: f64,
    factors: Vec<Factors>,
    /// The products that the product at hand was met with; the strength is what the pair weighs.
    met: Vec<Neighbour>,
    /// Where a product is among them, by product, or beyond the end.
    places: Vec<u32>,
}

impl<'a> Rows<'a> {
    /// With what rows are made of. `typical` is what [`Typical::mean`] says.
    #[must_use]
    pub fn new(
        statistics: &'a Statistics,
        popularities: &'a [Popularity],
        popular: &'a [ProductId],
        quality: &'a Quality,
        typical: f32,
    ) -> Self {
        let products = popularities.len();
        Self {
            statistics,
            popularities,
            popular,
            quality,
            quality_share: typical / STREAMING_SHARE,
            mean_weight: statistics.means().weight,
            factors: popularities.iter().map(|popularity| Factors::of(*popularity, products)).collect(),
            met: Vec::new(),
            places: vec![u32::MAX; products],
        }
    }

    /// Makes a product's row. Returns also what the streaming model says most strongly in it.
    #[must_use]
    pub fn row(&mut self, product: ProductId) -> (Row, f32) {
        self.meet(product);
        let related = self.related(product);
        let (for_carts, most) = self.for_carts(product);
        self.met.iter().for_each(|other| self.places[other.product.index()] = u32::MAX);
        (Row { for_carts, related }, most)
    }

    fn meet(&mut self, product: ProductId) {
        self.met.clear();
        let sums = self.statistics.get(product);
        for ((other, sum), place) in sums.into_iter().flat_map(|sums| sums.pairs.iter()).zip(0..) {
            // Rounding may leave a hair less than nothing.
            let strength = (sum.weight / self.mean_weight).max(0.0) as f32;
            self.met.push(Neighbour { product: other, strength, carts: sum.carts });
            self.places[other.index()] = place;
        }
    }

    fn for_carts(&self, product: ProductId) -> (ForCarts, f32) {
        let own = OF * self.popularities[product.index()].ln_weight;
        let mut said = self.met.clone();
        for other in &mut said {
            other.strength *= self.factors[other.product.index()].for_carts;
        }
        // The power changes no order, so it is taken only of what is kept.
        keep_first(&mut said, KEPT_FOR, strongest_first);
        for other in &mut said {
            other.strength = (SHARPNESS * (other.strength.ln() - own)).exp();
        }
        let most = said.iter().map(|other| other.strength).fold(0.0, f32::max);
        if !self.quality.row(product).is_empty() {
            self.add_quality(product, &mut said);
        }
        (said.into_iter().collect(), most)
    }

    /// Adds what the quality tier says to what the streaming model says.
    fn add_quality(&self, product: ProductId, said: &mut Vec<Neighbour>) {
        said.sort_unstable_by_key(|other| other.product);
        let number = said.len();
        for (other, strength) in self.quality.row(product) {
            let strength = self.quality_share * strength;
            if let Ok(place) = said[..number].binary_search_by_key(other, |neighbour| neighbour.product) {
                said[place].strength += strength;
            } else {
                let met = self.met.get(self.places[other.index()] as usize);
                said.push(Neighbour { product: *other, strength, carts: met.map_or(0, |met| met.carts) });
            }
        }
        let mut against: Vec<Neighbour> = said.extract_if(.., |other| other.strength < 0.0).collect();
        keep_first(said, KEPT_FOR, strongest_first);
        keep_first(&mut against, KEPT_AGAINST, |a, b| strongest_first(b, a));
        said.append(&mut against);
    }

    fn related(&self, product: ProductId) -> Box<[Neighbour]> {
        let goes = |other: &Neighbour| {
            let factors = self.factors[other.product.index()];
            Neighbour { strength: (other.strength + factors.prior) * factors.related, ..*other }
        };
        let mut row: Vec<Neighbour> = self.met.iter().map(goes).collect();
        let is_met = |other: &ProductId| self.places[other.index()] != u32::MAX;
        let popular = self.popular.iter().filter(|other| **other != product && !is_met(other));
        row.extend(popular.map(|other| goes(&Neighbour { product: *other, strength: 0.0, carts: 0 })));
        keep_first(&mut row, RELATED, strongest_first);
        row.sort_unstable_by(strongest_first);
        row.into()
    }
}

/// Of equals the one with the lower number, so that it is always the same.
fn strongest_first(one: &Neighbour, other: &Neighbour) -> Ordering {
    other.strength.total_cmp(&one.strength).then(one.product.cmp(&other.product))
}

/// Keeps the first so many in this order, in no order.
fn keep_first(row: &mut Vec<Neighbour>, most: usize, order: impl Fn(&Neighbour, &Neighbour) -> Ordering) {
    if row.len() > most {
        row.select_nth_unstable_by(most, order);
        row.truncate(most);
    }
}
