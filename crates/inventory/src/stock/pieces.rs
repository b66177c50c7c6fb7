//! Pieces, and the locations that they are at.

use std::collections::BTreeMap;

/// Where everything is that nobody said to be elsewhere: a shop with one place never hears of it.
pub const MAIN: &str = "main";

/// A number of pieces, by location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    total: i64,
    /// What is not at [`MAIN`]; never 0.
    elsewhere: BTreeMap<String, i64>,
}

impl Pieces {
    /// Pieces of which `elsewhere` are at other locations than [`MAIN`].
    #[must_use]
    pub fn new(total: i64, elsewhere: BTreeMap<String, i64>) -> Self {
        Self { total, elsewhere }
    }

    /// Of all locations.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// What is not at [`MAIN`], by location.
    #[must_use]
    pub fn elsewhere(&self) -> &BTreeMap<String, i64> {
        &self.elsewhere
    }

    /// At one location.
    #[must_use]
    pub fn at(&self, location: &str) -> i64 {
        if location == MAIN {
            return self.total - self.elsewhere.values().sum::<i64>();
        }
        self.elsewhere.get(location).copied().unwrap_or(0)
    }

    /// The locations where any may be, [`MAIN`] first.
    pub fn locations(&self) -> impl Iterator<Item = &str> {
        std::iter::once(MAIN).chain(self.elsewhere.keys().map(String::as_str))
    }

    /// This many more at a location, or fewer.
    pub fn add(&mut self, location: &str, pieces: i64) {
        self.total += pieces;
        if location == MAIN || pieces == 0 {
            return;
        }
        let there = self.elsewhere.entry(location.to_owned()).or_default();
        *there += pieces;
        if *there == 0 {
            self.elsewhere.remove(location);
        }
    }

    /// All of these more, each where it is.
    pub fn add_all(&mut self, others: &Self) {
        for location in others.locations() {
            self.add(location, others.at(location));
        }
    }

    /// All of these fewer, each where it is.
    pub fn remove_all(&mut self, others: &Self) {
        for location in others.locations() {
            self.add(location, -others.at(location));
        }
    }

    /// Takes this many out, first from where there are the fewest: what is left is at few locations.
    #[must_use]
    pub fn split_off(&mut self, pieces: i64) -> Self {
        let mut places: Vec<(i64, String)> =
            self.locations().map(|location| (self.at(location), location.to_owned())).collect();
        places.sort();
        let mut taken = Self::default();
        for (there, location) in places {
            let some = there.min(pieces - taken.total);
            taken.add(&location, some);
            self.add(&location, -some);
        }
        debug_assert_eq!(taken.total, pieces, "no more than there are");
        taken
    }
}
