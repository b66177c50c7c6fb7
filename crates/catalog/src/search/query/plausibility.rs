//! Whether a query that a client sends back may have been read from a text. It travels with pages, and nobody may make a search
//! cost more than a text can.

use super::{
    AS_WRITTEN, HEAVIEST, MOST_CORRECTIONS, MOST_PARTED, MOST_WORDS, Pattern, Reading, SHORTEST_BEGINNING,
    SearchQuery, Term,
};

/// The most readings of a term.
pub(super) const MOST_READINGS: usize = MOST_PARTED + MOST_CORRECTIONS;
/// The most patterns of a reading: of two words, each of which is taken for two.
pub(super) const MOST_PATTERNS: usize = 4;
/// The most patterns of a query: each word's parts and corrections.
const MOST_PATTERNS_IN_ALL: usize = MOST_WORDS * (2 * MOST_PARTED + MOST_CORRECTIONS);
/// The most beginnings, each of which may stand for thousands of words. Two words that may be one have at most 7 in their
/// readings as they are written, and one together.
const MOST_BEGINNINGS: usize = 4 * MOST_WORDS;

impl SearchQuery {
    /// Whether it may have been read from a text.
    pub fn is_plausible(&self) -> bool {
        let readings = || self.terms.iter().flat_map(|term| &term.readings);
        let patterns = || readings().flat_map(|reading| &reading.patterns);
        (1..=MOST_WORDS).contains(&self.terms.len())
            && self.terms.iter().all(Term::is_plausible)
            && patterns().count() <= MOST_PATTERNS_IN_ALL
            && patterns().filter(|pattern| pattern.is_beginning).count() <= MOST_BEGINNINGS
    }
}

impl Term {
    fn is_plausible(&self) -> bool {
        (1..=MOST_READINGS).contains(&self.readings.len())
            && self.readings.iter().all(Reading::is_plausible)
            && (0..=HEAVIEST).contains(&self.weight)
    }
}

impl Reading {
    fn is_plausible(&self) -> bool {
        (1..=MOST_PATTERNS).contains(&self.patterns.len())
            && self.patterns.iter().all(Pattern::is_plausible)
            && (0..=AS_WRITTEN).contains(&self.quality)
    }
}

impl Pattern {
    fn is_plausible(&self) -> bool {
        let shortest = if self.is_beginning { SHORTEST_BEGINNING } else { 1 };
        self.text.chars().nth(shortest - 1).is_some()
    }
}
