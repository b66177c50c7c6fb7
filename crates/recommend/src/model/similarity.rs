//! How strongly one product suggests others, computed from the sums.
//!
//! For a cart: an asymmetric, sharpened cosine (F. Aiolli: "Efficient Top-N Recommendation for Very Large Scale Binary
//! Rated Datasets", RecSys 2013), with the weights of [EASE^R](super::ease) added where they are known. For one product
//! alone: the weight of the pair, smoothed by popularity.

use std::cmp::Ordering;

use super::cooccurrence::Cooccurrence;
use super::ease::EaseWeights;
use super::neighbours::{CartNeighbours, MAX_NEGATIVE, MAX_POSITIVE, Neighbour, Neighbours};
use super::popularity::Popularity;
use super::product::ProductId;

/// The length of the list of related products: as many as a request may ask for, and some in place of those that may
/// not be suggested.
const MAX_RELATED: usize = 80;

/// Product i of a cart suggests product j with the strength (`C_ij` / (`n_i^FROM_EXPONENT`
/// `n_j^TO_EXPONENT`))^`SHARPNESS`, where C is the weight of the pair and n that of a product. Popular products are
/// suggested a little more often than by a plain cosine, since `TO_EXPONENT` is below one half. The strength is
/// sharpened because many weak hints in a cart would outvote a strong one.
const FROM_EXPONENT: f32 = 0.72;
const TO_EXPONENT: f32 = 0.26;
const SHARPNESS: f32 = 2.15;

/// How much the cosine counts beside EASE^R.
const COSINE_SHARE: f32 = 0.3;

/// For one product alone, the strength is (`C_ij` + `PRIOR` `n_j / N`) `n_j^POPULARITY_EXPONENT`
/// `trend_j^TREND_EXPONENT` with N products, and EASE^R is left out: the question is what goes with this product, and
/// not what it adds to a cart. Where little is known, popular products come first.
const PRIOR: f32 = 2.0;
const POPULARITY_EXPONENT: f32 = -0.1;
const TREND_EXPONENT: f32 = 0.2;

/// A product's popularity as factors of the strengths with which others suggest it. Computed once for all of them.
#[derive(Clone, Copy)]
struct Factors {
    in_carts: f32,
    related: f32,
    prior: f32,
}

impl Factors {
    fn of(popularity: Popularity, products: usize) -> Self {
        let Popularity { ln_weight, ln_trend } = popularity;
        Self {
            in_carts: (-TO_EXPONENT * ln_weight).exp(),
            related: (POPULARITY_EXPONENT * ln_weight + TREND_EXPONENT * ln_trend).exp(),
            prior: PRIOR * ln_weight.exp() / products as f32,
        }
    }
}

/// Computes products' neighbours, one product after the other.
pub struct Similarity<'a> {
    sums: &'a Cooccurrence,
    popularities: &'a [Popularity],
    /// The most popular products, which are suggested where little is known.
    popular: &'a [ProductId],
    ease: &'a EaseWeights,
    /// The factor of EASE^R's weights.
    ease_factor: f32,
    mean_weight: f64,
    factors: Vec<Factors>,
    /// The products in pairs with the current product. The strength is the weight of the pair.
    paired: Vec<Neighbour>,
    /// The index in `paired` by product; `u32::MAX` for a product that is not there.
    paired_index: Vec<u32>,
}

impl<'a> Similarity<'a> {
    /// What neighbours are computed from. `cosine_scale` is the [mean](super::cosine_scale::CosineScale::mean) of the
    /// greatest cosine strengths.
    #[must_use]
    pub fn new(
        sums: &'a Cooccurrence,
        popularities: &'a [Popularity],
        popular: &'a [ProductId],
        ease: &'a EaseWeights,
        cosine_scale: f32,
    ) -> Self {
        let products = popularities.len();
        Self {
            sums,
            popularities,
            popular,
            ease,
            ease_factor: cosine_scale / COSINE_SHARE,
            mean_weight: sums.means().weight,
            factors: popularities.iter().map(|popularity| Factors::of(*popularity, products)).collect(),
            paired: Vec::new(),
            paired_index: vec![u32::MAX; products],
        }
    }

    /// A product's neighbours, and the greatest cosine strength among them.
    #[must_use]
    pub fn neighbours(&mut self, product: ProductId) -> (Neighbours, f32) {
        self.read_pairs(product);
        let related = self.related(product);
        let (in_carts, greatest) = self.in_carts(product);
        self.paired.iter().for_each(|other| self.paired_index[other.product.index()] = u32::MAX);
        (Neighbours { in_carts, related }, greatest)
    }

    fn read_pairs(&mut self, product: ProductId) {
        self.paired.clear();
        let sums = self.sums.get(product);
        for ((other, sum), index) in sums.into_iter().flat_map(|sums| sums.pairs.iter()).zip(0..) {
            // Rounding may leave slightly less than 0.
            let strength = (sum.weight / self.mean_weight).max(0.0) as f32;
            self.paired.push(Neighbour { product: other, strength, carts: sum.carts });
            self.paired_index[other.index()] = index;
        }
    }

    fn in_carts(&self, product: ProductId) -> (CartNeighbours, f32) {
        let own = FROM_EXPONENT * self.popularities[product.index()].ln_weight;
        let mut neighbours = self.paired.clone();
        for other in &mut neighbours {
            other.strength *= self.factors[other.product.index()].in_carts;
        }
        // The power keeps the order, so only what is kept needs it.
        keep_first(&mut neighbours, MAX_POSITIVE, strongest_first);
        for other in &mut neighbours {
            other.strength = (SHARPNESS * (other.strength.ln() - own)).exp();
        }
        let greatest = neighbours.iter().map(|other| other.strength).fold(0.0, f32::max);
        if !self.ease.of(product).is_empty() {
            self.add_ease(product, &mut neighbours);
        }
        (neighbours.into_iter().collect(), greatest)
    }

    /// Adds EASE^R's weights to the cosine.
    fn add_ease(&self, product: ProductId, neighbours: &mut Vec<Neighbour>) {
        neighbours.sort_unstable_by_key(|other| other.product);
        let by_cosine = neighbours.len();
        for (other, weight) in self.ease.of(product) {
            let strength = self.ease_factor * weight;
            let found = neighbours[..by_cosine].binary_search_by_key(other, |neighbour| neighbour.product);
            if let Ok(index) = found {
                neighbours[index].strength += strength;
            } else {
                let pair = self.paired.get(self.paired_index[other.index()] as usize);
                let carts = pair.map_or(0, |pair| pair.carts);
                neighbours.push(Neighbour { product: *other, strength, carts });
            }
        }
        let mut negative: Vec<Neighbour> = neighbours.extract_if(.., |other| other.strength < 0.0).collect();
        keep_first(neighbours, MAX_POSITIVE, strongest_first);
        keep_first(&mut negative, MAX_NEGATIVE, |a, b| strongest_first(b, a));
        neighbours.append(&mut negative);
    }

    fn related(&self, product: ProductId) -> Box<[Neighbour]> {
        let related = |other: &Neighbour| {
            let factors = self.factors[other.product.index()];
            Neighbour { strength: (other.strength + factors.prior) * factors.related, ..*other }
        };
        let mut list: Vec<Neighbour> = self.paired.iter().map(related).collect();
        let is_paired = |other: &ProductId| self.paired_index[other.index()] != u32::MAX;
        let popular = self.popular.iter().filter(|other| **other != product && !is_paired(other));
        list.extend(popular.map(|other| related(&Neighbour { product: *other, strength: 0.0, carts: 0 })));
        keep_first(&mut list, MAX_RELATED, strongest_first);
        list.sort_unstable_by(strongest_first);
        list.into()
    }
}

/// Of two equally strong the one with the lower number comes first, so that the order is always the same.
fn strongest_first(one: &Neighbour, other: &Neighbour) -> Ordering {
    other.strength.total_cmp(&one.strength).then(one.product.cmp(&other.product))
}

/// Keeps the first `limit` by this order, but does not sort them.
fn keep_first(list: &mut Vec<Neighbour>, limit: usize, order: impl Fn(&Neighbour, &Neighbour) -> Ordering) {
    if list.len() > limit {
        list.select_nth_unstable_by(limit, order);
        list.truncate(limit);
    }
}
