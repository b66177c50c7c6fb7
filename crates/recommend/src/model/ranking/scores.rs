use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::model::product::ProductId;

thread_local! {
    static SCORES: RefCell<Scores> = RefCell::default();
}

/// Lends the thread's scores, empty, for so many products. They are kept between answers: to clear an array for all
/// products each time would take longer than the answer.
pub fn with_scores<R>(products: usize, work: impl FnOnce(&mut Scores) -> R) -> R {
    SCORES.with_borrow_mut(|scores| {
        scores.begin(products);
        work(scores)
    })
}

/// The scores of products, as they are added up.
#[derive(Default)]
pub struct Scores {
    /// By product; it counts only where the round is this one.
    slots: Vec<Slot>,
    round: u32,
    scored: Vec<ProductId>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    round: u32,
    score: f32,
}

/// Ordered by rank: the greatest is the worst, so that a heap gives it first.
#[derive(PartialEq)]
struct Ranked {
    score: f32,
    product: ProductId,
}

impl Scores {
    fn begin(&mut self, products: usize) {
        self.scored.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.slots.fill(Slot::default());
            self.round = 1;
        }
        if self.slots.len() < products {
            self.slots.resize(products, Slot::default());
        }
    }

    /// Never has the product among the best.
    pub fn exclude(&mut self, product: ProductId) {
        self.slots[product.index()] = Slot { round: self.round, score: f32::NEG_INFINITY };
    }

    /// Adds to a product's score.
    pub fn add(&mut self, product: ProductId, score: f32) {
        let slot = &mut self.slots[product.index()];
        if slot.round == self.round {
            slot.score += score;
        } else {
            *slot = Slot { round: self.round, score };
            self.scored.push(product);
        }
    }

    /// Multiplies each score that is above 0.
    pub fn adjust(&mut self, factor: impl Fn(ProductId) -> f32) {
        for product in &self.scored {
            let slot = &mut self.slots[product.index()];
            if slot.score > 0.0 {
                slot.score *= factor(*product);
            }
        }
    }

    /// The products with the highest scores that are allowed, the highest first, ties by number. Asks of few whether
    /// they are allowed.
    pub fn best(&self, limit: usize, allowed: impl Fn(ProductId) -> bool) -> Vec<ProductId> {
        let mut best: BinaryHeap<Ranked> = BinaryHeap::with_capacity(limit + 1);
        for product in &self.scored {
            let ranked = Ranked { score: self.slots[product.index()].score, product: *product };
            let fits = best.len() < limit || best.peek().is_some_and(|worst| ranked < *worst);
            if fits && ranked.score > 0.0 && allowed(*product) {
                best.push(ranked);
                if best.len() > limit {
                    best.pop();
                }
            }
        }
        best.into_sorted_vec().into_iter().map(|ranked| ranked.product).collect()
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
