//! A query in the numbers of the words that there are: which products it finds.

mod relevance;

use super::number_set::NumberSet;
use super::query::{Pattern, Reading, SearchQuery, Term};
use super::word_index::{WordIndex, WordNumber};

/// A [`SearchQuery`] of one [`WordIndex`], which must not change meanwhile.
pub struct NumberedQuery<'a> {
    words: &'a WordIndex,
    terms: Vec<NumberedTerm>,
    all: bool,
}

struct NumberedTerm {
    readings: Vec<NumberedReading>,
    weight: i32,
}

struct NumberedReading {
    patterns: Vec<NumberedPattern>,
    quality: i32,
}

struct NumberedPattern {
    /// The word that is written like this.
    word: Option<WordNumber>,
    /// The words that begin like this, if they are meant, too.
    longer: Option<NumberSet>,
    /// In bytes.
    length: usize,
}

impl<'a> NumberedQuery<'a> {
    pub fn of(query: &SearchQuery, words: &'a WordIndex) -> Self {
        let terms = query.terms.iter().map(|term| NumberedTerm::of(term, words)).collect();
        Self { words, terms, all: query.all }
    }

    /// The products that have all words, or, if that is enough, some.
    pub fn products(&self) -> NumberSet {
        let terms = self.terms.iter().map(|term| term.products(self.words));
        let joined = terms.reduce(|mut found, next| {
            let join = if self.all { NumberSet::retain } else { NumberSet::add };
            join(&mut found, &next);
            found
        });
        joined.unwrap_or_default()
    }
}

impl NumberedTerm {
    fn of(term: &Term, words: &WordIndex) -> Self {
        let readings = term.readings.iter().map(|reading| NumberedReading::of(reading, words)).collect();
        Self { readings, weight: term.weight }
    }

    fn products(&self, words: &WordIndex) -> NumberSet {
        let mut any = NumberSet::default();
        for reading in &self.readings {
            any.add(&reading.products(words));
        }
        any
    }
}

impl NumberedReading {
    fn of(reading: &Reading, words: &WordIndex) -> Self {
        let patterns = reading.patterns.iter().map(|pattern| NumberedPattern::of(pattern, words)).collect();
        Self { patterns, quality: reading.quality }
    }

    fn products(&self, words: &WordIndex) -> NumberSet {
        let patterns = self.patterns.iter().map(|pattern| pattern.products(words));
        let joined = patterns.reduce(|mut found, next| {
            found.retain(&next);
            found
        });
        joined.unwrap_or_default()
    }
}

impl NumberedPattern {
    fn of(pattern: &Pattern, words: &WordIndex) -> Self {
        let longer = pattern.is_beginning.then(|| words.beginning_with(&pattern.text));
        Self { word: words.known(&pattern.text), longer, length: pattern.text.len() }
    }

    fn products(&self, words: &WordIndex) -> NumberSet {
        let longer = self.longer.iter().flat_map(NumberSet::iter);
        // The word itself is among those that begin with it.
        let word = self.word.filter(|_| self.longer.is_none());
        longer.chain(word).flat_map(|word| words.products_with(word)).copied().collect()
    }
}
