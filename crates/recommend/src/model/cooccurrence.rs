//! The sums that everything is computed from. Each is over carts, so it is exact as carts change.

use serde::{Deserialize, Serialize};

use super::cart::Lesson;
use super::decay::{Decay, Hour};
use super::pairs::{Pairs, Sum};
use super::product::ProductId;

/// What a cart taught counts half as much after so many days.
pub const HALF_LIFE_DAYS: f64 = 200.0;
/// The same for what is popular now.
pub const RECENT_HALF_LIFE_DAYS: f64 = 30.0;

/// How much more a pair counts whose products came one right after the other.
const CLOSENESS: f64 = 0.5;
/// The share of that by how far apart they came: 1, 2, ... places. It halves with every third, and ends.
const CLOSE: [f64; 12] = [1.0, 0.7937, 0.63, 0.5, 0.3969, 0.315, 0.25, 0.1984, 0.1575, 0.125, 0.0992, 0.0787];

/// The sums of one product.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OfProduct {
    /// What its carts count together.
    pub weight: f64,
    /// In how many carts it is.
    pub carts: u32,
    /// The same with the shorter half-life of what is popular now.
    pub recent: f64,
    /// The other products that are in its carts. A snapshot has them apart.
    #[serde(skip)]
    pub pairs: Pairs,
}

/// What a product weighs on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// See [`OfProduct::weight`].
    pub weight: f64,
    /// See [`OfProduct::recent`].
    pub recent: f64,
}

/// All sums.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statistics {
    decay: Decay,
    recent: Decay,
    products: Vec<OfProduct>,
}

impl Default for Statistics {
    fn default() -> Self {
        let [decay, recent] = [HALF_LIFE_DAYS, RECENT_HALF_LIFE_DAYS].map(Decay::with_half_life_of_days);
        Self { decay, recent, products: Vec::new() }
    }
}

impl Statistics {
    /// The sums of a product.
    #[must_use]
    pub fn get(&self, product: ProductId) -> Option<&OfProduct> {
        self.products.get(product.index())
    }

    /// The sums of each product, by its number.
    #[must_use]
    pub fn products(&self) -> &[OfProduct] {
        &self.products
    }

    /// The sum of a pair.
    #[must_use]
    pub fn pair(&self, one: ProductId, other: ProductId) -> Sum {
        self.get(one).map(|sums| sums.pairs.with(other)).unwrap_or_default()
    }

    /// What a product weighs on average, in all and recently. Only beside them a weight means something.
    #[must_use]
    pub fn means(&self) -> Means {
        let met = self.products.iter().filter(|sums| sums.carts > 0);
        let total = met.fold((0, 0.0, 0.0), |(number, weight, recent), sums| {
            (number + 1, weight + sums.weight, recent + sums.recent)
        });
        let number = f64::from(total.0.max(1));
        Means { weight: total.1 / number, recent: total.2 / number }
    }

    /// Puts what a cart teaches now in the place of what it taught before. Calls `touched` with each product whose sums
    /// changed.
    pub fn replace(&mut self, before: &Lesson, now: &Lesson, touched: impl FnMut(ProductId)) {
        if before == now {
            return;
        }
        self.rescale(now.hour);
        let Difference { stayed, gone, came } = Difference::between(&before.products, &now.products);
        let (was, is) = (self.weigh(before), self.weigh(now));
        for (place, one) in &gone {
            self.one(*one, Weight::default() - was, -1);
            let others = stayed.iter().map(|other| (other.before, other.product));
            for (other_place, other) in
                others.chain(gone.iter().copied().take_while(|(other, _)| other < place))
            {
                self.meet(*one, other, -was.long * closeness(*place, other_place), -1);
            }
        }
        if was != is || !gone.is_empty() {
            self.correct(&stayed, was, is);
        }
        for (place, one) in &came {
            self.one(*one, is, 1);
            let others = stayed.iter().map(|other| (other.now, other.product));
            for (other_place, other) in
                others.chain(came.iter().copied().take_while(|(other, _)| other < place))
            {
                self.meet(*one, other, is.long * closeness(*place, other_place), 1);
            }
        }
        let changed = gone.iter().chain(&came).map(|(_, product)| *product);
        changed.chain(stayed.iter().map(|stayed| stayed.product)).for_each(touched);
    }

    /// What stayed counts more or less than before, and stands closer together.
    fn correct(&mut self, stayed: &[Stayed], was: Weight, is: Weight) {
        for (number, one) in stayed.iter().enumerate() {
            self.one(one.product, is - was, 0);
            // Where only places changed, only what is close can count otherwise.
            let first = if was == is { number.saturating_sub(CLOSE.len()) } else { 0 };
            for other in &stayed[first..number] {
                let now = is.long * closeness(one.now, other.now);
                let more = now - was.long * closeness(one.before, other.before);
                if more != 0.0 {
                    self.meet(one.product, other.product, more, 0);
                }
            }
        }
    }

    /// What a product of this lesson, and a pair of them, counts.
    #[must_use]
    pub fn weigh(&self, lesson: &Lesson) -> Weight {
        let [long, recent] = [self.decay, self.recent].map(|decay| lesson.share * decay.weight(lesson.hour));
        Weight { long, recent }
    }

    /// Puts a pair's sum back, as it was.
    pub fn restore_pair(&mut self, one: ProductId, other: ProductId, sum: Sum) {
        self.products[one.index()].pairs.set(other, sum);
        self.products[other.index()].pairs.set(one, sum);
    }

    /// Keeps the numbers far from overflow, which decades of a trend would bring.
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

    fn one(&mut self, product: ProductId, more: Weight, carts: i32) {
        if self.products.len() <= product.index() {
            self.products.resize_with(product.index() + 1, OfProduct::default);
        }
        let sums = &mut self.products[product.index()];
        sums.carts = sums.carts.saturating_add_signed(carts);
        sums.weight += more.long;
        sums.recent += more.recent;
        if sums.carts == 0 {
            // What rounding left.
            (sums.weight, sums.recent) = (0.0, 0.0);
        }
    }

    fn meet(&mut self, one: ProductId, other: ProductId, weight: f64, carts: i32) {
        self.products[one.index()].pairs.add(other, weight, carts);
        self.products[other.index()].pairs.add(one, weight, carts);
    }
}

/// What a lesson counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weight {
    /// With the half-life of what was learned.
    pub long: f64,
    /// With that of what is popular now.
    pub recent: f64,
}

impl std::ops::Sub for Weight {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { long: self.long - other.long, recent: self.recent - other.recent }
    }
}

/// How much a pair of a cart counts by its places: what came right after another belongs to it more than what came an
/// hour later.
fn closeness(place: usize, other: usize) -> f64 {
    let apart = place.abs_diff(other);
    let bonus = CLOSE.get(apart.wrapping_sub(1)).unwrap_or(&0.0);
    (1.0 + CLOSENESS * bonus) / (1.0 + CLOSENESS)
}

/// How one list of products became another, each with its place in the list that it is in.
struct Difference {
    stayed: Vec<Stayed>,
    gone: Vec<(usize, ProductId)>,
    came: Vec<(usize, ProductId)>,
}

struct Stayed {
    product: ProductId,
    before: usize,
    now: usize,
}

impl Difference {
    /// Products only leave their places and come at the end, as in a cart.
    fn between(before: &[ProductId], now: &[ProductId]) -> Self {
        let stayed = Vec::with_capacity(before.len());
        let mut difference = Self { stayed, gone: Vec::new(), came: Vec::new() };
        let mut rest = now.iter().copied().enumerate().peekable();
        for (before, product) in before.iter().copied().enumerate() {
            match rest.next_if(|(_, other)| *other == product) {
                Some((now, _)) => difference.stayed.push(Stayed { product, before, now }),
                None => difference.gone.push((before, product)),
            }
        }
        difference.came.extend(rest);
        difference
    }
}
