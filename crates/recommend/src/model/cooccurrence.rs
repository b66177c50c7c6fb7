//! Co-occurrence: in how many carts products are, alone and in pairs, and with which weight. The rest is computed from
//! these sums.
//!
//! A sum is over the carts as they are now. When a cart changes, what it contributed before is taken away exactly.

mod closeness;
mod difference;

use serde::{Deserialize, Serialize};

use self::closeness::{REACH, closeness};
use self::difference::{Difference, Stayed};
use super::cart::Contribution;
use super::decay::{Decay, Hour};
use super::pairs::{PairSum, Pairs};
use super::product::ProductId;

/// A cart that is this many days older counts half as much.
pub const HALF_LIFE_DAYS: f64 = 200.0;
/// The same for what is popular now.
pub const RECENT_HALF_LIFE_DAYS: f64 = 30.0;

/// The sums of one product.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ProductSums {
    /// The weight of its carts together.
    pub weight: f64,
    /// The number of its carts.
    pub carts: u32,
    /// The weight with the shorter half-life of what is popular now.
    pub recent: f64,
    /// The sums with the other products in its carts. A saved snapshot stores them separately.
    #[serde(skip)]
    pub pairs: Pairs,
}

/// The average over all products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// See [`ProductSums::weight`].
    pub weight: f64,
    /// See [`ProductSums::recent`].
    pub recent: f64,
}

/// The sums of all products and pairs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cooccurrence {
    decay: Decay,
    recent: Decay,
    products: Vec<ProductSums>,
}

impl Default for Cooccurrence {
    fn default() -> Self {
        let [decay, recent] = [HALF_LIFE_DAYS, RECENT_HALF_LIFE_DAYS].map(Decay::with_half_life_of_days);
        Self { decay, recent, products: Vec::new() }
    }
}

impl Cooccurrence {
    /// The sums of a product.
    #[must_use]
    pub fn get(&self, product: ProductId) -> Option<&ProductSums> {
        self.products.get(product.index())
    }

    /// The sums of each product, by its number.
    #[must_use]
    pub fn products(&self) -> &[ProductSums] {
        &self.products
    }

    /// The sum of a pair.
    #[must_use]
    pub fn pair(&self, one: ProductId, other: ProductId) -> PairSum {
        self.get(one).map(|sums| sums.pairs.with(other)).unwrap_or_default()
    }

    /// The average weights of products, in all and recently. A weight means something only relative to them.
    #[must_use]
    pub fn means(&self) -> Means {
        let in_carts = self.products.iter().filter(|sums| sums.carts > 0);
        let total = in_carts.fold((0, 0.0, 0.0), |(number, weight, recent), sums| {
            (number + 1, weight + sums.weight, recent + sums.recent)
        });
        let number = f64::from(total.0.max(1));
        Means { weight: total.1 / number, recent: total.2 / number }
    }

    /// Replaces what a cart contributed before by what it contributes now. Calls `touched` with each product whose sums
    /// changed.
    pub fn replace(&mut self, before: &Contribution, now: &Contribution, touched: impl FnMut(ProductId)) {
        if before == now {
            return;
        }
        self.rescale(now.hour);
        let Difference { stayed, removed, added } = Difference::between(&before.products, &now.products);
        let (old_weight, new_weight) = (self.weight_of(before), self.weight_of(now));
        for (place, product) in &removed {
            self.add_to_product(*product, Weight::default() - old_weight, -1);
            let others = stayed.iter().map(|other| (other.before, other.product));
            for (other_place, other) in
                others.chain(removed.iter().copied().take_while(|(other, _)| other < place))
            {
                self.add_to_pair(*product, other, -old_weight.long * closeness(*place, other_place), -1);
            }
        }
        if old_weight != new_weight || !removed.is_empty() {
            self.correct(&stayed, old_weight, new_weight);
        }
        for (place, product) in &added {
            self.add_to_product(*product, new_weight, 1);
            let others = stayed.iter().map(|other| (other.now, other.product));
            for (other_place, other) in
                others.chain(added.iter().copied().take_while(|(other, _)| other < place))
            {
                self.add_to_pair(*product, other, new_weight.long * closeness(*place, other_place), 1);
            }
        }
        let changed = removed.iter().chain(&added).map(|(_, product)| *product);
        changed.chain(stayed.iter().map(|stayed| stayed.product)).for_each(touched);
    }

    /// Corrects the sums of products that stayed: their weight changed, or they are closer together now.
    fn correct(&mut self, stayed: &[Stayed], old_weight: Weight, new_weight: Weight) {
        for (index, one) in stayed.iter().enumerate() {
            self.add_to_product(one.product, new_weight - old_weight, 0);
            // If only places changed, only pairs within reach of each other can count differently.
            let first = if old_weight == new_weight { index.saturating_sub(REACH) } else { 0 };
            for other in &stayed[first..index] {
                let now = new_weight.long * closeness(one.now, other.now);
                let more = now - old_weight.long * closeness(one.before, other.before);
                if more != 0.0 {
                    self.add_to_pair(one.product, other.product, more, 0);
                }
            }
        }
    }

    /// The weight of a product, and of a pair that is close together, in this contribution.
    #[must_use]
    pub fn weight_of(&self, contribution: &Contribution) -> Weight {
        let [long, recent] =
            [self.decay, self.recent].map(|decay| contribution.share * decay.weight(contribution.hour));
        Weight { long, recent }
    }

    /// Sets a pair's sum, as a saved snapshot has it.
    pub fn restore_pair(&mut self, one: ProductId, other: ProductId, sum: PairSum) {
        self.products[one.index()].pairs.set(other, sum);
        self.products[other.index()].pairs.set(one, sum);
    }

    /// Keeps the weights from overflowing, which they would after some decades.
    fn rescale(&mut self, hour: Hour) {
        if let Some(factor) = self.decay.rescale(hour) {
            for sums in &mut self.products {
                sums.weight *= factor;
                sums.pairs.scale(factor);
            }
        }
        if let Some(factor) = self.recent.rescale(hour) {
            self.products.iter_mut().for_each(|sums| sums.recent *= factor);
        }
    }

    fn add_to_product(&mut self, product: ProductId, more: Weight, carts: i32) {
        if self.products.len() <= product.index() {
            self.products.resize_with(product.index() + 1, ProductSums::default);
        }
        let sums = &mut self.products[product.index()];
        sums.carts = sums.carts.saturating_add_signed(carts);
        sums.weight += more.long;
        sums.recent += more.recent;
        if sums.carts == 0 {
            // Only rounding errors are left.
            (sums.weight, sums.recent) = (0.0, 0.0);
        }
    }

    fn add_to_pair(&mut self, one: ProductId, other: ProductId, weight: f64, carts: i32) {
        self.products[one.index()].pairs.add(other, weight, carts);
        self.products[other.index()].pairs.add(one, weight, carts);
    }
}

/// The weight of a contribution.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weight {
    /// With the half-life for what goes together.
    pub long: f64,
    /// With the half-life for what is popular now.
    pub recent: f64,
}

impl std::ops::Sub for Weight {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { long: self.long - other.long, recent: self.recent - other.recent }
    }
}
