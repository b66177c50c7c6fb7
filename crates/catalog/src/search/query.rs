//! What a search text asks for: its words, and what else may be meant by each.

mod plausibility;

use serde::{Deserialize, Serialize};

use super::spelling::{distance, singulars, tolerance};
use super::vocabulary::{Vocabulary, parts};

/// The most words of a search text that are looked at.
pub const MOST_WORDS: usize = 12;
/// The most corrections of a word.
const MOST_CORRECTIONS: usize = 5;
/// The most ways to take a word for two, and the most readings of two words that may be one as they were written.
const MOST_PARTED: usize = 10;
/// The shortest beginning that is looked for.
const SHORTEST_BEGINNING: usize = 2;

/// How good it is to find a word as it was written, in percent; then what else may be meant by it.
const AS_WRITTEN: i32 = 100;
const SINGULAR: i32 = 95;
const JOINED: i32 = 92;
const PARTED: i32 = 85;
const BEGINNING: i32 = 75;
const CORRECTED: i32 = 70;
const EACH_MISTAKE: i32 = 10;

/// How much a word counts, and two that may have to be written in one.
const WEIGHT: i32 = 100;
const HEAVIEST: i32 = 200;

/// What a search text asks for: every term of it, or some of them. It travels with pages, so its names are short there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchQuery {
    /// What is asked for, in the order of the text.
    #[serde(rename = "t")]
    pub terms: Vec<Term>,
    /// Whether a product has to answer each term; else one is enough.
    #[serde(rename = "a")]
    pub all: bool,
}

/// A word of the text, or two that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// What may be meant by it, best first.
    #[serde(rename = "r")]
    pub readings: Vec<Reading>,
    /// How much it counts beside the other terms.
    #[serde(rename = "w")]
    pub weight: i32,
    /// If it is two words that may have to be written in one: each of them. No page needs that after the first one.
    #[serde(skip)]
    pub apart: Vec<Term>,
}

/// Words that answer a term together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// All of them have to be there.
    #[serde(rename = "p")]
    pub patterns: Vec<Pattern>,
    /// How good an answer they are, in percent.
    #[serde(rename = "q")]
    pub quality: i32,
}

/// A word, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The letters.
    #[serde(rename = "x")]
    pub text: String,
    /// Whether longer words are meant, too.
    #[serde(rename = "b")]
    pub is_beginning: bool,
}

impl SearchQuery {
    /// Reads a text, given its words and what is known about them.
    pub fn read(words: &[String], vocabulary: &Vocabulary) -> Self {
        let mut terms = Vec::new();
        let mut rest = words.iter().take(MOST_WORDS).peekable();
        while let Some(word) = rest.next() {
            let joined = rest.peek().and_then(|next| joined(word, next, vocabulary));
            terms.push(match joined {
                Some(term) => {
                    rest.next();
                    term
                }
                None => Term::of(readings(word, vocabulary)),
            });
        }
        Self { terms, all: true }
    }

    /// Whether there is something left of it without one of its words.
    pub fn has_parts(&self) -> bool {
        self.terms.len() > 1 || self.terms.iter().any(|term| !term.apart.is_empty())
    }

    /// For when no product answers all of it. Two words that may be one are two where nothing answers them together.
    pub fn of_some(self, is_answered: impl Fn(&Term) -> bool) -> Self {
        let mut terms = Vec::new();
        for mut term in self.terms {
            if term.apart.is_empty() || is_answered(&term) {
                terms.push(term);
            } else {
                terms.append(&mut term.apart);
            }
        }
        Self { terms, all: false }
    }

    /// Gives terms that few products answer more weight, given how many do. For queries of which some terms will do.
    pub fn weighed(mut self, answers: &[usize]) -> Self {
        for (term, number) in self.terms.iter_mut().zip(answers) {
            let halvings = i32::try_from((*number).max(1).ilog2()).unwrap_or(0);
            term.weight = (term.weight * (20 - halvings.min(15))) / 20;
        }
        self
    }

    /// How the text was understood, where not as it was written: the best reading of each term.
    pub fn corrected(&self, words: &[String]) -> Option<String> {
        let best =
            self.terms.iter().filter_map(|term| term.readings.iter().max_by_key(|reading| reading.quality));
        let understood: Vec<&str> =
            best.flat_map(|reading| reading.patterns.iter().map(|pattern| pattern.text.as_str())).collect();
        let written: Vec<&str> = words.iter().take(MOST_WORDS).map(String::as_str).collect();
        (understood != written).then(|| understood.join(" "))
    }
}

impl Term {
    fn of(readings: Vec<Reading>) -> Self {
        Self { readings, weight: WEIGHT, apart: Vec::new() }
    }

    /// A query that asks for nothing else.
    pub fn alone(self) -> SearchQuery {
        SearchQuery { terms: vec![self], all: true }
    }
}

impl Reading {
    fn of(words: &[&str], quality: i32) -> Self {
        let pattern = |word: &&str| Pattern { text: (*word).to_owned(), is_beginning: false };
        Self { patterns: words.iter().map(pattern).collect(), quality }
    }
}

/// Two words that may have to be written in one: `tea pot`.
fn joined(word: &str, next: &str, vocabulary: &Vocabulary) -> Option<Term> {
    let whole = format!("{word}{next}");
    let found = if vocabulary.begins(&whole) {
        vec![Reading { patterns: vec![beginning(&whole)], quality: JOINED }]
    } else {
        corrections(&whole, vocabulary)
    };
    if found.is_empty() {
        return None;
    }
    let apart = [word, next].map(|word| Term::of(readings(word, vocabulary)));
    // Each of them as it can be meant, best first, with the best of the other.
    let mut all: Vec<Reading> = Vec::new();
    for one in &apart[0].readings {
        for other in &apart[1].readings {
            let patterns = one.patterns.iter().chain(&other.patterns).cloned().collect();
            all.push(Reading { patterns, quality: one.quality.min(other.quality) });
        }
    }
    all.sort_by_key(|reading| -reading.quality);
    all.truncate(MOST_PARTED);
    all.extend(found);
    Some(Term { readings: all, weight: HEAVIEST, apart: apart.into() })
}

fn readings(word: &str, vocabulary: &Vocabulary) -> Vec<Reading> {
    let mut readings = Vec::new();
    if vocabulary.begins(word) {
        readings.push(Reading::of(&[word], AS_WRITTEN));
        if word.chars().count() >= SHORTEST_BEGINNING {
            readings.push(Reading { patterns: vec![beginning(word)], quality: BEGINNING });
        }
    }
    let singulars = singulars(word).into_iter().filter(|singular| vocabulary.has(singular));
    readings.extend(singulars.map(|singular| Reading::of(&[&singular], SINGULAR)));
    if readings.is_empty() {
        let parted =
            parts(word).into_iter().filter(|[one, other]| vocabulary.has(one) && vocabulary.has(other));
        readings.extend(parted.map(|[one, other]| Reading::of(&[&one, &other], PARTED)).take(MOST_PARTED));
        readings.extend(corrections(word, vocabulary));
    }
    if readings.is_empty() {
        // No product has it.
        readings.push(Reading::of(&[word], AS_WRITTEN));
    }
    readings
}

fn beginning(word: &str) -> Pattern {
    Pattern { text: word.to_owned(), is_beginning: true }
}

/// The words that are nearest.
fn corrections(word: &str, vocabulary: &Vocabulary) -> Vec<Reading> {
    let most = tolerance(word);
    let similar = vocabulary.similar(word).iter();
    let mut near: Vec<(usize, &String)> = similar
        .filter_map(|similar| distance(word, similar, most).map(|distance| (distance, similar)))
        .collect();
    near.sort();
    let nearest = near.first().map_or(0, |(distance, _)| *distance);
    let near = near.into_iter().filter(|(distance, _)| *distance == nearest).take(MOST_CORRECTIONS);
    near.map(|(distance, similar)| {
        let mistakes = i32::try_from(distance).unwrap_or(i32::MAX).saturating_mul(EACH_MISTAKE);
        Reading::of(&[similar], CORRECTED.saturating_sub(mistakes))
    })
    .collect()
}

#[cfg(test)]
mod tests;
