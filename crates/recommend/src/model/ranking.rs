//! Which products go best with some others.

use std::cmp::Reverse;
use std::collections::HashMap;

/// A product that was met together with one that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The one that is asked about.
    pub of: String,
    /// The product that was met with it.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// In so many carts.
    pub carts: i64,
}

/// A product that goes with those that are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// The sum, over those that are asked about, of the carts in which it was met with them.
    pub score: i64,
    /// The one of them that it was met with most often; of several, the first by SKU.
    pub because_of: String,
    strongest: i64,
}

/// The products with the highest sums, the highest first, ties by SKU.
#[must_use]
pub fn rank(neighbours: Vec<Neighbour>, limit: usize) -> Vec<Ranked> {
    let mut by_sku: HashMap<String, Ranked> = HashMap::new();
    for Neighbour { of, sku, name, carts } in neighbours {
        let none = || Ranked { sku: sku.clone(), name, score: 0, because_of: String::new(), strongest: 0 };
        by_sku.entry(sku.clone()).or_insert_with(none).add(of, carts);
    }
    let mut ranked: Vec<Ranked> = by_sku.into_values().collect();
    ranked.sort_by(|a, b| (Reverse(a.score), &a.sku).cmp(&(Reverse(b.score), &b.sku)));
    ranked.truncate(limit);
    ranked
}

impl Ranked {
    fn add(&mut self, of: String, carts: i64) {
        self.score += carts;
        if (Reverse(carts), &of) < (Reverse(self.strongest), &self.because_of) {
            self.strongest = carts;
            self.because_of = of;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbour(of: &str, sku: &str, carts: i64) -> Neighbour {
        Neighbour { of: of.into(), sku: sku.into(), name: sku.to_lowercase(), carts }
    }

    fn ranked(neighbours: &[(&str, &str, i64)], limit: usize) -> Vec<(String, i64, String)> {
        let neighbours = neighbours.iter().map(|(of, sku, carts)| neighbour(of, sku, *carts)).collect();
        rank(neighbours, limit)
            .into_iter()
            .map(|product| (product.sku, product.score, product.because_of))
            .collect()
    }

    fn row(sku: &str, score: i64, because_of: &str) -> (String, i64, String) {
        (sku.into(), score, because_of.into())
    }

    #[test]
    fn the_sum_decides_and_the_strongest_contribution_is_the_reason() {
        let met = [("A", "X", 5), ("B", "X", 6), ("A", "Y", 10), ("C", "Y", 2)];
        assert_eq!(ranked(&met, 10), [row("Y", 12, "A"), row("X", 11, "B")]);
    }

    #[test]
    fn ties_go_by_sku_whatever_the_order_of_what_was_met() {
        let mut met = [("B", "Y", 1), ("A", "Y", 1), ("A", "X", 2), ("B", "Z", 2)];
        let expected = [row("X", 2, "A"), row("Y", 2, "A"), row("Z", 2, "B")];
        assert_eq!(ranked(&met, 10), expected);
        met.reverse();
        assert_eq!(ranked(&met, 10), expected);
    }

    #[test]
    fn only_the_strongest_are_kept() {
        assert_eq!(ranked(&[("A", "X", 1), ("A", "Y", 2)], 1), [row("Y", 2, "A")]);
    }
}
