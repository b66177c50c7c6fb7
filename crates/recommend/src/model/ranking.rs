//! Which products go with a product or with a cart, the best first.
//!
//! Item-based collaborative filtering (B. Sarwar, G. Karypis, J. Konstan, J. Riedl, WWW 2001): the score of a product
//! is the sum of what the cart's products say about it, times a factor for its popularity.

mod diversity;
mod popularity_factor;
mod scores;

use self::diversity::diverse;
use self::popularity_factor::PopularityFactor;
use self::scores::with_scores;
use super::neighbours::Neighbour;
use super::product::ProductId;
use super::snapshot::ModelSnapshot;
use super::suggestion::{Policy, Reason, Suggestion};

pub use diversity::MAX_VARIANTS;

/// The number of a cart's products that are looked at, the last that were added. It bounds the time that an answer
/// takes for a cart of a thousand lines.
pub const MAX_RANKED_PRODUCTS: usize = 300;

/// The number of a cart's products, the last that were added, among which the reason for a suggestion is looked for.
const MAX_REASONS: usize = 50;

/// For each suggestion, this many candidates are ranked, so that variants can be replaced.
const CANDIDATES_PER_SUGGESTION: usize = 3;

/// The products that go with a product, the best first, followed by what is popular now.
#[must_use]
pub fn related(snapshot: &ModelSnapshot, sku: &str, policy: Policy) -> Vec<Suggestion> {
    let Some(product) = snapshot.id(sku) else {
        return trending(snapshot, policy);
    };
    let list = snapshot.neighbours(product).map_or(&[][..], |neighbours| &neighbours.related);
    let allowed = list.iter().filter(|other| snapshot.allows(other.product, policy));
    let chosen = diverse(snapshot, allowed, |other| other.product, policy.limit);
    let suggestion = |other: &&Neighbour| Suggestion {
        product: other.product,
        reason: Reason::bought_with(product, other.carts),
    };
    filled(snapshot, chosen.iter().map(suggestion), &[product], policy)
}

/// The products that are popular now, the most popular first.
#[must_use]
pub fn trending(snapshot: &ModelSnapshot, policy: Policy) -> Vec<Suggestion> {
    filled(snapshot, std::iter::empty(), &[], policy)
}

/// The products that go with all of a cart's products, the best first, followed by what is popular now. None of the
/// cart's products is among them.
#[must_use]
pub fn for_cart(snapshot: &ModelSnapshot, cart: &[ProductId], policy: Policy) -> Vec<Suggestion> {
    let ranked = &cart[cart.len().saturating_sub(MAX_RANKED_PRODUCTS)..];
    let popularity = PopularityFactor::for_cart_of(ranked.len());
    let best = with_scores(snapshot.len(), |scores| {
        ranked
            .iter()
            .filter_map(|product| snapshot.neighbours(*product))
            .for_each(|neighbours| scores.add(&neighbours.in_carts));
        for product in cart {
            scores.exclude(*product);
        }
        let factor = |product| popularity.of(snapshot.popularity(product));
        scores.best(
            CANDIDATES_PER_SUGGESTION * policy.limit,
            popularity.greatest(snapshot.popularity_range),
            factor,
            |product| snapshot.allows(product, policy),
        )
    });
    let chosen = diverse(snapshot, best, |candidate| candidate.product, policy.limit);
    let chosen = chosen.iter().map(|candidate| candidate.product);
    let suggestion = |product| Suggestion { product, reason: reason(snapshot, product, ranked) };
    filled(snapshot, chosen.map(suggestion), cart, policy)
}

/// Names the product of the cart that suggests this one most strongly.
fn reason(snapshot: &ModelSnapshot, suggested: ProductId, cart: &[ProductId]) -> Reason {
    let last = &cart[cart.len().saturating_sub(MAX_REASONS)..];
    let neighbour =
        |product: &ProductId| Some((*product, snapshot.neighbours(*product)?.in_carts.get(suggested)?));
    let strongest = last
        .iter()
        .filter_map(neighbour)
        .filter(|(_, other)| other.carts > 0)
        .max_by(|(_, a), (_, b)| a.strength.total_cmp(&b.strength));
    strongest.map_or(Reason::Popular, |(product, other)| Reason::bought_with(product, other.carts))
}

/// Fills the places that are left with what is popular now.
fn filled(
    snapshot: &ModelSnapshot,
    suggestions: impl Iterator<Item = Suggestion>,
    without: &[ProductId],
    policy: Policy,
) -> Vec<Suggestion> {
    let mut list = Vec::with_capacity(policy.limit);
    list.extend(suggestions);
    for product in snapshot.trending.iter().copied() {
        if list.len() >= policy.limit {
            break;
        }
        let is_new = !without.contains(&product) && list.iter().all(|other| other.product != product);
        if is_new && snapshot.allows(product, policy) {
            list.push(Suggestion { product, reason: Reason::Popular });
        }
    }
    list
}
