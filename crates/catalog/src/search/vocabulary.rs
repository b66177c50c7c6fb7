//! What to ask of the words that there are, to understand a search text.

use std::collections::{BTreeMap, BTreeSet};

use super::spelling::singulars;

/// The shortest part of a word that was written in one.
const SHORTEST_PART: usize = 3;
/// The shortest word that is corrected.
const SHORTEST_CORRECTED: usize = 4;

/// What is known about a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// There is such a word.
    pub is_word: bool,
    /// There are words that begin with it.
    pub is_beginning: bool,
    /// If there are neither: words that look like it.
    pub similar: Vec<String>,
}

/// What is known about the words of a search text.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary(BTreeMap<String, Known>);

impl Vocabulary {
    /// Whether there is such a word.
    pub fn has(&self, word: &str) -> bool {
        self.0.get(word).is_some_and(|known| known.is_word)
    }

    /// Whether words begin with it.
    pub fn begins(&self, word: &str) -> bool {
        self.0.get(word).is_some_and(|known| known.is_beginning)
    }

    /// Words that look like it.
    pub fn similar(&self, word: &str) -> &[String] {
        self.0.get(word).map_or(&[], |known| &known.similar)
    }
}

impl FromIterator<(String, Known)> for Vocabulary {
    fn from_iter<I: IntoIterator<Item = (String, Known)>>(words: I) -> Self {
        Self(words.into_iter().collect())
    }
}

/// The words to ask about, each with whether similar ones are wanted if there is none.
pub fn asked(words: &[String]) -> BTreeMap<String, bool> {
    let joined: Vec<String> = words.windows(2).map(<[String]>::concat).collect();
    let corrected = words.iter().chain(&joined).filter(|word| is_correctable(word));
    let corrected: BTreeSet<&String> = corrected.collect();
    let plain = words.iter().chain(&joined).map(|word| (word.clone(), corrected.contains(word)));
    let others =
        words.iter().flat_map(|word| singulars(word).into_iter().chain(parts(word).into_iter().flatten()));
    let mut asked: BTreeMap<String, bool> = others.map(|word| (word, false)).collect();
    asked.extend(plain);
    asked
}

/// All ways to take a word for two that were written in one.
pub fn parts(word: &str) -> Vec<[String; 2]> {
    let letters: Vec<char> = word.chars().collect();
    let places = SHORTEST_PART..(letters.len() + 1).saturating_sub(SHORTEST_PART);
    places.map(|place| [letters[..place].iter().collect(), letters[place..].iter().collect()]).collect()
}

/// A number is not misspelt, it is another one.
fn is_correctable(word: &str) -> bool {
    word.chars().count() >= SHORTEST_CORRECTED && !word.chars().any(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_be_two() {
        assert_eq!(parts("redcup"), [["red", "cup"]]);
        assert_eq!(parts("tlamp"), [["", ""]; 0]);
    }

    #[test]
    fn each_word_is_asked_about_once() {
        let words = ["tea", "lights", "40cm"].map(str::to_owned);
        let asked = asked(&words);
        for (word, is_corrected) in [
            ("tea", false),
            ("lights", true),
            ("light", false),
            ("tealights", true),
            ("40cm", false),
            ("hts", false),
        ] {
            assert_eq!(asked.get(word), Some(&is_corrected), "{word}");
        }
    }
}
