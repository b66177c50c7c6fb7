//! Answers: which products go with others.

mod diversity;
mod scores;

use self::scores::with_scores;
use super::popularity::Popularity;
use super::product::{Product, ProductId};
use super::row::Neighbour;
use super::shelf::Picture;

pub use diversity::VARIANTS;

/// Of a cart's products so many are looked at, the last that came: it bounds the time for a cart of a thousand lines.
pub const LOOKED_AT: usize = 300;

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
/// they do and was counted too often. n_j^(A - B ln m) trend_j^C, for a context of m products.
struct Taste {
    popular: f32,
}

impl Taste {
    fn of(products: usize) -> Self {
        Self { popular: 0.12 - 0.06 * (products.max(1) as f32).ln() }
    }

    fn factor(&self, popularity: Popularity) -> f32 {
        (self.popular * popularity.ln_weight + 0.05 * popularity.ln_trend).exp()
    }
}

impl Policy {
    /// What the catalog hasn't told of has no name to suggest it by.
    fn allows(self, product: &Product) -> bool {
        product.name.is_some() && !product.retired && !(self.in_stock_only && product.sold_out)
    }
}

impl Picture {
    /// The products that go with one, the strongest first; after them, what is popular now.
    #[must_use]
    pub fn related(&self, sku: &str, policy: Policy) -> Vec<Suggestion> {
        let Some(product) = self.number(sku) else {
            return self.filled(Vec::new(), &[], policy);
        };
        let row = self.row(product).map_or(&[][..], |row| &row.related);
        let allowed = row.iter().filter(|other| self.allows(other.product, policy));
        let chosen = self.diverse(allowed, |other| other.product, policy.limit);
        let suggestion = |other: &Neighbour| Suggestion {
            product: other.product,
            reason: Reason::of(product, other),
        };
        self.filled(chosen.into_iter().map(suggestion).collect(), &[product], policy)
    }

    /// The products that go with these together, the strongest first; after them, what is popular now. None of these
    /// is among them.
    #[must_use]
    pub fn completing(&self, products: &[ProductId], policy: Policy) -> Vec<Suggestion> {
        let looked_at = &products[products.len().saturating_sub(LOOKED_AT)..];
        let best = with_scores(self.len(), |scores| {
            products.iter().for_each(|product| scores.exclude(*product));
            for product in looked_at {
                let row = self.row(*product).map_or(&[][..], |row| &row.for_carts);
                row.iter().for_each(|other| scores.add(other.product, other.strength));
            }
            let taste = Taste::of(looked_at.len());
            scores.adjust(|product| taste.factor(self.popularity(product)));
            // Some more than are asked for, to choose different ones from.
            scores.best(3 * policy.limit, |product| self.allows(product, policy))
        });
        let chosen = self.diverse(best, |product| *product, policy.limit);
        let suggestion = |product| Suggestion { product, reason: self.reason(product, looked_at) };
        self.filled(chosen.into_iter().map(suggestion).collect(), products, policy)
    }

    /// The one of these products that says most for the suggested one.
    fn reason(&self, suggested: ProductId, products: &[ProductId]) -> Reason {
        let says = |product: &ProductId| {
            let row = &self.row(*product)?.for_carts;
            let place = row.binary_search_by_key(&suggested, |other| other.product).ok()?;
            Some((*product, row[place]))
        };
        let strongest = products
            .iter()
            .filter_map(says)
            .filter(|(_, other)| other.carts > 0)
            .max_by(|(_, a), (_, b)| a.strength.total_cmp(&b.strength));
        strongest.map_or(Reason::Popular, |(product, other)| Reason::of(product, &other))
    }

    fn filled(&self, mut list: Vec<Suggestion>, without: &[ProductId], policy: Policy) -> Vec<Suggestion> {
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
        self.product(product).is_some_and(|product| policy.allows(product))
    }
}
