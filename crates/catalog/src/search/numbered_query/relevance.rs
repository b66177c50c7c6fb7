//! How well a product answers a query.

use super::super::listing::Listing;
use super::super::word_index::{WordIndex, WordNumber};
use super::{NumberedPattern, NumberedQuery, NumberedReading, NumberedTerm};

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

/// How the terms are answered in a name, in sum.
#[derive(Default)]
struct Answers {
    quality: i32,
    words: usize,
    in_order: usize,
    at_the_beginning: bool,
    /// The last word's place of the answer before.
    before: Option<usize>,
}

impl NumberedQuery<'_> {
    /// How well a product answers it: more is better. It depends on the query and the product alone.
    pub fn relevance(&self, listing: &Listing) -> i32 {
        let of_names = listing.names().map(|name| self.relevance_of_name(name, listing)).max();
        let is_sku = |reading: &NumberedReading| matches!(reading.patterns.as_slice(), [only] if only.word == Some(listing.folded_sku));
        let is_sku = matches!(self.terms.as_slice(), [only] if only.readings.iter().any(is_sku));
        of_names.unwrap_or(0) + if is_sku { SKU } else { 0 }
    }

    fn relevance_of_name(&self, name: &[WordNumber], listing: &Listing) -> i32 {
        let mut answers = Answers::default();
        for term in &self.terms {
            let answer = term.answer_in(name, self.words);
            let elsewhere = if self.all { ELSEWHERE } else { 0 };
            let of_sku = if term.begins(listing.folded_sku) { BEGINNING_OF_SKU } else { elsewhere };
            answers.quality +=
                term.weight * answer.as_ref().map_or(of_sku, |answer| answer.quality.max(of_sku));
            answers.note(answer);
        }
        let weight: i32 = self.terms.iter().map(|term| term.weight).sum();
        let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let quality = 10 * answers.quality / weight.max(1);
        let whole = WHOLE_NAME * number(answers.words.min(name.len())) / number(name.len()).max(1);
        let in_order =
            IN_ORDER * number(answers.in_order) / number(self.terms.len().saturating_sub(1)).max(1);
        quality + whole + in_order + if answers.at_the_beginning { AT_THE_BEGINNING } else { 0 }
    }

    /// How many of these products answer each term by a name.
    pub fn answers(&self, listings: &[&Listing]) -> Vec<usize> {
        let answers = |term: &NumberedTerm, listing: &Listing| {
            listing.names().any(|name| term.answer_in(name, self.words).is_some())
        };
        let number = |term| listings.iter().filter(|listing| answers(term, listing)).count();
        self.terms.iter().map(number).collect()
    }
}

impl Answers {
    fn note(&mut self, answer: Option<Answer>) {
        let Some(answer) = answer else { return };
        self.words += answer.words;
        self.in_order += usize::from(self.before.is_some_and(|before| before + 1 == answer.from));
        self.at_the_beginning |= answer.from == 0;
        self.before = Some(answer.to);
    }
}

impl NumberedTerm {
    fn answer_in(&self, name: &[WordNumber], words: &WordIndex) -> Option<Answer> {
        let answers = self.readings.iter().filter_map(|reading| reading.answer_in(name, words));
        answers.max_by_key(|answer| answer.quality)
    }

    fn begins(&self, sku: WordNumber) -> bool {
        self.readings.iter().any(|reading| {
            matches!(reading.patterns.as_slice(), [only] if only.length > 2 && only.has_longer(sku))
        })
    }
}

impl NumberedReading {
    fn answer_in(&self, name: &[WordNumber], words: &WordIndex) -> Option<Answer> {
        let mut answer =
            Answer { quality: self.quality, from: usize::MAX, to: 0, words: self.patterns.len() };
        for pattern in &self.patterns {
            let (place, covered) = pattern.found_in(name, words)?;
            answer.from = answer.from.min(place);
            answer.to = answer.to.max(place);
            // Of two words that begin like this, the shorter one is nearer.
            answer.quality -= (100 - covered) / 10;
        }
        Some(answer)
    }
}

impl NumberedPattern {
    /// The word's place, and how much of it the pattern is, in percent.
    fn found_in(&self, name: &[WordNumber], words: &WordIndex) -> Option<(usize, i32)> {
        if self.longer.is_none() {
            let wanted = self.word?;
            return name.iter().position(|word| *word == wanted).map(|place| (place, 100));
        }
        let covered =
            |word: WordNumber| i32::try_from(100 * self.length / words.length(word).max(1)).unwrap_or(0);
        let begin = name.iter().enumerate().filter(|(_, word)| self.has_longer(**word));
        begin
            .map(|(place, word)| (place, covered(*word)))
            .max_by_key(|(place, covered)| (*covered, usize::MAX - place))
    }

    /// Whether a word begins like this, and such ones are meant.
    fn has_longer(&self, word: WordNumber) -> bool {
        self.longer.as_ref().is_some_and(|longer| longer.contains(word))
    }
}
