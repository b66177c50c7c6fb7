/// How often, and how early, the product that was looked for is among the ten that are suggested.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// How many queries there were.
    pub queries: u32,
    hits: u32,
    reciprocals: f64,
}

impl Score {
    /// Counts a query: the product's place in the list, from 0, if it is there.
    pub fn add(&mut self, place: Option<u32>) {
        self.queries += 1;
        if let Some(place) = place {
            self.hits += 1;
            self.reciprocals += 1.0 / f64::from(place + 1);
        }
    }

    /// The share of queries whose product is in the list: HR@10.
    #[must_use]
    pub fn hit_rate(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.queries.max(1))
    }

    /// The mean of 1/place, counted from 1, and 0 where it is not in the list: MRR@10.
    #[must_use]
    pub fn mean_reciprocal_rank(&self) -> f64 {
        self.reciprocals / f64::from(self.queries.max(1))
    }
}
