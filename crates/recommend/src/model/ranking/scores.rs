//! Scores of all products for one answer, and the best of them.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::model::neighbours::CartNeighbours;
use crate::model::product::ProductId;

thread_local! {
    static SCORES: RefCell<Scores> = RefCell::default();
}

/// Lends the thread's scores for this many products, all 0.
pub fn with_scores<R>(products: usize, work: impl FnOnce(&mut Scores) -> R) -> R {
    SCORES.with_borrow_mut(|scores| {
        scores.0.clear();
        scores.0.resize(products, 0.0);
        work(scores)
    })
}

/// The scores of all products, as they are added up. Clearing and scanning all of them is faster than keeping a list of
/// those that have a score: while scores are added, no branch depends on the data.
#[derive(Default)]
pub struct Scores(Vec<f32>);

/// A product with its score. The greatest in this order is the one with the lowest score, so that a heap yields it
/// first.
#[derive(PartialEq)]
pub struct Candidate {
    /// The product.
    pub product: ProductId,
    score: f32,
}

impl Scores {
    /// Adds what a product of the cart says about others.
    pub fn add(&mut self, neighbours: &CartNeighbours) {
        for (product, strength) in neighbours.products.iter().zip(&neighbours.strengths) {
            self.0[product.index()] += strength;
        }
    }

    /// Keeps a product from being among the best.
    pub fn exclude(&mut self, product: ProductId) {
        self.0[product.index()] = f32::NEG_INFINITY;
    }

    /// The allowed products with the highest scores above 0, the highest first, ties by number. Scores are multiplied
    /// by a factor of at most `greatest_factor`. `factor` and `allowed` are called for few products.
    pub fn best(
        &self,
        limit: usize,
        greatest_factor: f32,
        factor: impl Fn(ProductId) -> f32,
        allowed: impl Fn(ProductId) -> bool,
    ) -> Vec<Candidate> {
        let mut best: BinaryHeap<Candidate> = BinaryHeap::with_capacity(limit + 1);
        let mut least = 0.0;
        for (index, score) in self.0.iter().enumerate() {
            if score * greatest_factor <= least {
                continue;
            }
            let product = ProductId::from(index);
            let score = score * factor(product);
            if score > least && allowed(product) {
                best.push(Candidate { product, score });
                if best.len() > limit {
                    best.pop();
                    least = best.peek().map_or(0.0, |worst| worst.score);
                }
            }
        }
        best.into_sorted_vec()
    }
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.product.cmp(&other.product))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
