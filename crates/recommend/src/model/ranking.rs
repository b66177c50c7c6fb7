//! Answers: which products go with others.

mod diversity;
mod scores;

use self::scores::with_scores;
use super::popularity::{Extremes, Popularity};
use super::product::{ProductId, Traits};
use super::row::Neighbour;
use super::showcase::Picture;

pub use diversity::VARIANTS;

/// Of a cart's products so many are looked at, the last that came: it bounds the time for a cart of a thousand lines.
pub const LOOKED_AT: usize = 300;

const POPULAR: f32 = 0.12;
const LESS_IN_LARGE_CARTS: f32 = 0.06;
const TRENDING: f32 = 0.05;
/// The reason for a suggestion is looked for among so many of them.
const REASONS: usize = 50;

/// A product that is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The product.
    pub product: ProductId,
    /// Why.
    pub reason: Reason,
}

/// Why a product is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is often bought with this one.
    BoughtWith {
        /// Of those that were asked about, the one that says most for it.
        product: ProductId,
        /// In how many carts the two are together.
        carts: u32,
    },
    /// It is popular now; there is nothing better to say.
    Popular,
}

impl Reason {
    fn of(product: ProductId, other: &Neighbour) -> Self {
        match other.carts {
            0 => Self::Popular,
            carts => Self::BoughtWith { product, carts },
        }
    }
}

/// What may be suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The most suggestions.
    pub limit: usize,
    /// Whether what is sold out is left out.
    pub in_stock_only: bool,
}

/// How much the popular is preferred: beside few products it says more than they do, and beside many it says less than
/// they do and was counted too often. For m products `n_j^(POPULAR` - `LESS_IN_LARGE_CARTS` ln m) `trend_j^TRENDING`.
struct Taste {
    popular: f32,
}

impl Taste {
    fn of(products: usize) -> Self {
        Self { popular: POPULAR - LESS_IN_LARGE_CARTS * (products.max(1) as f32).ln() }
    }

    fn factor(&self, popularity: Popularity) -> f32 {
        (self.popular * popularity.ln_weight + TRENDING * popularity.ln_trend).exp()
    }

    /// More than this no factor is.
    fn greatest(&self, Extremes { least, most }: Extremes) -> f32 {
        let popular = self.popular * if self.popular > 0.0 { most.ln_weight } else { least.ln_weight };
        (popular + TRENDING * most.ln_trend).exp()
    }
}

impl Policy {
    fn allows(self, traits: &Traits) -> bool {
        traits.is_sold && !(self.in_stock_only && traits.sold_out)
    }
}

impl Picture {
    /// The products that go with one, the strongest first; after them, what is popular now.
    #[must_use]
    pub fn related(&self, sku: &str, policy: Policy) -> Vec<Suggestion> {
        let Some(product) = self.number(sku) else {
            return self.filled(std::iter::empty(), &[], policy);
        };
        let row = self.row(product).map_or(&[][..], |row| &row.related);
        let allowed = row.iter().filter(|other| self.allows(other.product, policy));
        let chosen = self.diverse(allowed, |other| other.product, policy.limit);
        let suggestion =
            |other: &Neighbour| Suggestion { product: other.product, reason: Reason::of(product, other) };
        self.filled(chosen.iter().map(|other| suggestion(other)), &[product], policy)
    }

    /// The products that go with these together, the strongest first; after them, what is popular now. None of these
    /// is among them.
    #[must_use]
    pub fn completing(&self, products: &[ProductId], policy: Policy) -> Vec<Suggestion> {
        let looked_at = &products[products.len().saturating_sub(LOOKED_AT)..];
        let taste = Taste::of(looked_at.len());
        let best = with_scores(self.len(), |scores| {
            looked_at
                .iter()
                .filter_map(|product| self.row(*product))
                .for_each(|row| scores.add(&row.for_carts));
            for product in products {
                scores.exclude(*product);
            }
            let factor = |product| taste.factor(self.popularity(product));
            // Some more than are asked for, to choose different ones from.
            let best = 3 * policy.limit;
            scores.best(best, taste.greatest(self.extremes), factor, |product| self.allows(product, policy))
        });
        let chosen = self.diverse(best, |ranked| ranked.product, policy.limit);
        let chosen = chosen.iter().map(|ranked| ranked.product);
        let suggestion = |product| Suggestion { product, reason: self.reason(product, looked_at) };
        self.filled(chosen.map(suggestion), products, policy)
    }

    /// The one of these products, or of the last of them, that says most for the suggested one.
    fn reason(&self, suggested: ProductId, products: &[ProductId]) -> Reason {
        let last = &products[products.len().saturating_sub(REASONS)..];
        let says = |product: &ProductId| Some((*product, self.row(*product)?.for_carts.get(suggested)?));
        let strongest = last
            .iter()
            .filter_map(says)
            .filter(|(_, other)| other.carts > 0)
            .max_by(|(_, a), (_, b)| a.strength.total_cmp(&b.strength));
        strongest.map_or(Reason::Popular, |(product, other)| Reason::of(product, &other))
    }

    /// These, and what is popular in the places that are left.
    fn filled(
        &self,
        suggestions: impl Iterator<Item = Suggestion>,
        without: &[ProductId],
        policy: Policy,
    ) -> Vec<Suggestion> {
        let mut list = Vec::with_capacity(policy.limit);
        list.extend(suggestions);
        for product in self.trending.iter().copied() {
            if list.len() >= policy.limit {
                break;
            }
            let is_new = !without.contains(&product) && list.iter().all(|other| other.product != product);
            if is_new && self.allows(product, policy) {
                list.push(Suggestion { product, reason: Reason::Popular });
            }
        }
        list
    }

    fn allows(&self, product: ProductId, policy: Policy) -> bool {
        self.traits.get(product.index()).is_some_and(|traits| policy.allows(traits))
    }
}
