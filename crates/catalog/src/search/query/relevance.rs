//! How well a product answers a query.

use super::super::listing::Listing;
use super::{Pattern, Reading, SearchQuery, Term};

/// For a term that is not answered by a name, but by another text of the product, in percent.
const ELSEWHERE: i32 = 15;
/// For a term that is the beginning of the SKU, in percent.
const BEGINNING_OF_SKU: i32 = 60;
/// For an SKU that was given whole.
const SKU: i32 = 5_000;
/// For a name that has nothing else in it.
const WHOLE_NAME: i32 = 120;
/// For words that follow each other as in the query.
const IN_ORDER: i32 = 60;
/// For a name that begins with an answer.
const AT_THE_BEGINNING: i32 = 25;

/// Where a term is answered in a name.
struct Answer {
    quality: i32,
    /// The first and the last word's place.
    from: usize,
    to: usize,
    words: usize,
}

impl SearchQuery {
    /// How well a product answers it: more is better. It depends on the query and the product alone.
    pub fn relevance(&self, listing: &Listing) -> i32 {
        let of_names = listing.names.iter().map(|name| self.relevance_of_name(name, listing)).max();
        let whole = |reading: &Reading| matches!(reading.patterns.as_slice(), [only] if only.text == *listing.folded_sku);
        let is_sku = matches!(self.terms.as_slice(), [only] if only.readings.iter().any(whole));
        of_names.unwrap_or(0) + if is_sku { SKU } else { 0 }
    }

    fn relevance_of_name(&self, name: &str, listing: &Listing) -> i32 {
        let words: Vec<&str> = name.split(' ').collect();
        let answers: Vec<Option<Answer>> = self.terms.iter().map(|term| term.answer_in(&words)).collect();
        let weight: i32 = self.terms.iter().map(|term| term.weight).sum();
        let quality = self.terms.iter().zip(&answers).map(|(term, answer)| {
            let elsewhere = if self.all { ELSEWHERE } else { 0 };
            let of_sku = if term.begins(&listing.folded_sku) { BEGINNING_OF_SKU } else { elsewhere };
            term.weight * answer.as_ref().map_or(of_sku, |answer| answer.quality.max(of_sku))
        });
        let quality = 10 * quality.sum::<i32>() / weight.max(1);
        let found: Vec<&Answer> = answers.iter().flatten().collect();
        let matched: usize = found.iter().map(|answer| answer.words).sum();
        let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let whole = WHOLE_NAME * number(matched.min(words.len())) / number(words.len()).max(1);
        let follows = |pair: &[&Answer]| pair[0].to + 1 == pair[1].from;
        let in_order = found.windows(2).filter(|pair| follows(pair)).count();
        let in_order = IN_ORDER * number(in_order) / number(self.terms.len().saturating_sub(1)).max(1);
        let at_the_beginning = if found.iter().any(|answer| answer.from == 0) { AT_THE_BEGINNING } else { 0 };
        quality + whole + in_order + at_the_beginning
    }

    /// Gives terms that few of these products answer more weight. For questions of which some terms will do.
    pub fn weighed(mut self, listings: &[&Listing]) -> Self {
        for term in &mut self.terms {
            let answers = |listing: &&&Listing| {
                listing
                    .names
                    .iter()
                    .any(|name| term.answer_in(&name.split(' ').collect::<Vec<_>>()).is_some())
            };
            let number = listings.iter().filter(answers).count();
            let halvings = i32::try_from(number.max(1).ilog2()).unwrap_or(0);
            term.weight = (term.weight * (20 - halvings.min(15))) / 20;
        }
        self
    }
}

impl Term {
    fn answer_in(&self, words: &[&str]) -> Option<Answer> {
        self.readings
            .iter()
            .filter_map(|reading| reading.answer_in(words))
            .max_by_key(|answer| answer.quality)
    }

    fn begins(&self, sku: &str) -> bool {
        self.readings.iter().any(|reading| {
            matches!(reading.patterns.as_slice(), [only] if only.is_beginning && only.text.len() > 2 && sku.starts_with(&only.text))
        })
    }
}

impl Reading {
    fn answer_in(&self, words: &[&str]) -> Option<Answer> {
        let mut answer =
            Answer { quality: self.quality, from: usize::MAX, to: 0, words: self.patterns.len() };
        for pattern in &self.patterns {
            let (place, covered) = pattern.found_in(words)?;
            answer.from = answer.from.min(place);
            answer.to = answer.to.max(place);
            // Of two words that begin like this, the shorter one is nearer.
            answer.quality -= (100 - covered) / 10;
        }
        Some(answer)
    }
}

impl Pattern {
    /// The word's place, and how much of it the pattern is, in percent.
    fn found_in(&self, words: &[&str]) -> Option<(usize, i32)> {
        if !self.is_beginning {
            return words.iter().position(|word| *word == self.text).map(|place| (place, 100));
        }
        let covered = |word: &str| i32::try_from(100 * self.text.len() / word.len().max(1)).unwrap_or(0);
        let begin = words.iter().enumerate().filter(|(_, word)| word.starts_with(&self.text));
        begin
            .map(|(place, word)| (place, covered(word)))
            .max_by_key(|(place, covered)| (*covered, usize::MAX - place))
    }
}
