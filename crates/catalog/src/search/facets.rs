//! How many of the products that were found belong to which category, have which property, cost how much.

use std::collections::{BTreeMap, HashMap};

use events::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::number_pool::NumberPool;

/// The most values of a facet in an answer: those of most products.
pub const MOST_VALUES: usize = 50;

/// A category or a property that products share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// A path of categories.
    Category(String),
    /// An option or attribute.
    Property {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

/// A facet's place in the list of all.
pub type FacetNumber = u32;

/// A range's place in the list of all.
pub type PriceRangeNumber = u32;

/// All facets and ranges of prices that there are. The number of a facet that no product has any more becomes that of another
/// one.
#[derive(Debug, Default)]
pub struct Facets {
    all: Vec<Facet>,
    numbers: HashMap<Facet, FacetNumber>,
    used: NumberPool,
    /// Currencies, and from where the ranges are.
    price_ranges: Vec<(&'static str, i64)>,
}

/// How many products there are of each facet and price.
#[derive(Debug)]
pub struct Counts {
    /// By the facet's number.
    of_facets: Vec<u32>,
    /// By the range's number.
    of_prices: Vec<PricesCount>,
}

#[derive(Clone, Debug)]
struct PricesCount {
    lowest: i64,
    highest: i64,
    count: u32,
}

/// What one can narrow the search by.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetCounts {
    /// Categories, those with most products first
    pub categories: Vec<ValueCount>,
    /// Options and attributes, by name
    pub attributes: BTreeMap<String, Vec<ValueCount>>,
    /// Prices, by currency
    pub prices: BTreeMap<String, PriceCounts>,
}

/// A value, and how many products have it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValueCount {
    /// The value
    #[schema(example = "Home/Lighting")]
    pub value: String,
    /// How many products would be found with it
    #[schema(example = 12)]
    pub count: u32,
}

/// What products cost.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriceCounts {
    /// The lowest price, in minor units
    pub lowest: i64,
    /// The highest price, in minor units
    pub highest: i64,
    /// How many products there are in which range
    pub ranges: Vec<PriceRange>,
}

/// A range of prices.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriceRange {
    /// From this price, in minor units
    #[schema(example = 200)]
    pub from: i64,
    /// Below this price, in minor units
    #[schema(example = 500)]
    pub below: i64,
    /// How many products cost that
    #[schema(example = 7)]
    pub count: u32,
}

impl Facets {
    /// The number of a facet, which it gets if it has none. It keeps it for as long as it is used.
    pub(super) fn number(&mut self, facet: Facet) -> FacetNumber {
        if let Some(number) = self.known(&facet) {
            return number;
        }
        let number = self.used.take();
        match self.all.get_mut(number as usize) {
            Some(place) => *place = facet.clone(),
            None => self.all.push(facet.clone()),
        }
        self.numbers.insert(facet, number);
        number
    }

    /// A product uses these numbers from now on.
    pub(super) fn begin_use(&mut self, numbers: &[FacetNumber]) {
        for number in numbers {
            self.used.begin_use(*number);
        }
    }

    /// A product uses these numbers no more. Facets without uses are forgotten.
    pub(super) fn end_use(&mut self, numbers: &[FacetNumber]) {
        for number in numbers {
            if self.used.end_use(*number) {
                self.numbers.remove(&self.all[*number as usize]);
            }
        }
    }

    /// The number of a facet that some product has.
    pub(super) fn known(&self, facet: &Facet) -> Option<FacetNumber> {
        self.numbers.get(facet).copied()
    }

    pub(super) fn get(&self, number: FacetNumber) -> Option<&Facet> {
        usize::try_from(number).ok().and_then(|place| self.all.get(place))
    }

    /// The number of a price's range, which it gets if it has none.
    pub(super) fn price_range(&mut self, price: Money) -> PriceRangeNumber {
        let range = (price.currency.code(), range_of(price.amount).0);
        // There are some ten for each currency.
        let known = self.price_ranges.iter().position(|known| *known == range);
        let place = known.unwrap_or_else(|| {
            self.price_ranges.push(range);
            self.price_ranges.len() - 1
        });
        PriceRangeNumber::try_from(place).unwrap_or(PriceRangeNumber::MAX)
    }

    pub(super) fn counts(&self) -> Counts {
        let none = PricesCount { lowest: i64::MAX, highest: i64::MIN, count: 0 };
        Counts { of_facets: vec![0; self.all.len()], of_prices: vec![none; self.price_ranges.len()] }
    }
}

impl Counts {
    pub(super) fn count(&mut self, facet: FacetNumber) {
        if let Some(count) = usize::try_from(facet).ok().and_then(|place| self.of_facets.get_mut(place)) {
            *count += 1;
        }
    }

    pub(super) fn count_price(&mut self, range: PriceRangeNumber, amount: i64) {
        let prices = usize::try_from(range).ok().and_then(|place| self.of_prices.get_mut(place));
        if let Some(prices) = prices {
            prices.lowest = prices.lowest.min(amount);
            prices.highest = prices.highest.max(amount);
            prices.count += 1;
        }
    }

    /// In words, the values of most products first.
    pub(super) fn shown(self, facets: &Facets) -> FacetCounts {
        let mut shown = FacetCounts::default();
        for (facet, count) in facets.all.iter().zip(self.of_facets).filter(|(_, count)| *count > 0) {
            let (values, value) = match facet {
                Facet::Category(path) => (&mut shown.categories, path),
                Facet::Property { name, value } => (shown.attributes.entry(name.clone()).or_default(), value),
            };
            values.push(ValueCount { value: value.clone(), count });
        }
        for values in shown.attributes.values_mut().chain([&mut shown.categories]) {
            values
                .sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value)));
            values.truncate(MOST_VALUES);
        }
        for ((currency, from), prices) in facets.price_ranges.iter().zip(self.of_prices) {
            if prices.count > 0 {
                shown.prices.entry((*currency).to_owned()).or_default().add(*from, &prices);
            }
        }
        shown
    }
}

impl PriceCounts {
    fn add(&mut self, from: i64, prices: &PricesCount) {
        let is_first = self.ranges.is_empty();
        self.lowest = if is_first { prices.lowest } else { self.lowest.min(prices.lowest) };
        self.highest = self.highest.max(prices.highest);
        let place = self.ranges.partition_point(|range| range.from < from);
        self.ranges.insert(place, PriceRange { from, below: range_of(from).1, count: prices.count });
    }
}

/// The range that a price is in: their bounds are 0, 1, 2, 5, 10, 20, 50, 100, ….
fn range_of(amount: i64) -> (i64, i64) {
    let (mut from, mut below, mut steps) = (0, 1, [2, 5, 10].into_iter().cycle());
    let mut power = 1_i64;
    while below <= amount {
        let step = steps.next().unwrap_or(10);
        from = below;
        below = power.saturating_mul(step);
        if step == 10 {
            power = below;
        }
    }
    (from, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_prices_are_round() {
        for (amount, expected) in [
            (0, (0, 1)),
            (1, (1, 2)),
            (4, (2, 5)),
            (5, (5, 10)),
            (199, (100, 200)),
            (200, (200, 500)),
            (999, (500, 1000)),
            (1_000_000_000_000, (1_000_000_000_000, 2_000_000_000_000)),
        ] {
            assert_eq!(range_of(amount), expected, "{amount}");
        }
    }
}
