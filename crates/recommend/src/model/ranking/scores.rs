use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::model::product::ProductId;
use crate::model::row::ForCarts;

thread_local! {
    static SCORES: RefCell<Scores> = RefCell::default();
}

/// Lends the thread's scores, all 0, for so many products.
pub fn with_scores<R>(products: usize, work: impl FnOnce(&mut Scores) -> R) -> R {
    SCORES.with_borrow_mut(|scores| {
        scores.0.clear();
        scores.0.resize(products, 0.0);
        work(scores)
    })
}

/// The scores of all products, as they are added up. Clearing and looking through all is quicker than to keep a list of
/// those that have one: no branch then depends on the data while scores are added.
#[derive(Default)]
pub struct Scores(Vec<f32>);

/// A product with its score. Ordered by rank: the greatest is the worst, so that a heap gives it first.
#[derive(PartialEq)]
pub struct Ranked {
    /// The product.
    pub product: ProductId,
    score: f32,
}

impl Scores {
    /// Adds what a product of the cart says.
    pub fn add(&mut self, row: &ForCarts) {
        for (product, strength) in row.products.iter().zip(&row.strengths) {
            self.0[product.index()] += strength;
        }
    }

    /// Never has the product among the best.
    pub fn exclude(&mut self, product: ProductId) {
        self.0[product.index()] = f32::NEG_INFINITY;
    }

    /// The products with the highest scores above 0 that are allowed, the highest first, ties by number. Scores are
    /// multiplied by a factor, at most by `greatest`; few are asked for that, and whether they are allowed.
    pub fn best(
        &self,
        limit: usize,
        greatest: f32,
        factor: impl Fn(ProductId) -> f32,
        allowed: impl Fn(ProductId) -> bool,
    ) -> Vec<Ranked> {
        let mut best: BinaryHeap<Ranked> = BinaryHeap::with_capacity(limit + 1);
        let mut least = 0.0;
        for (number, score) in self.0.iter().enumerate() {
            if score * greatest <= least {
                continue;
            }
            let product = ProductId::from(number);
            let score = score * factor(product);
            if score > least && allowed(product) {
                best.push(Ranked { product, score });
                if best.len() > limit {
                    best.pop();
                    least = best.peek().map_or(0.0, |worst| worst.score);
                }
            }
        }
        best.into_sorted_vec()
    }
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.product.cmp(&other.product))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
