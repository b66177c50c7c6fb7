//! Which products are variants of one thing, such as "red spotty bowl" and "blue spotty bowl". Their names decide,
//! since nothing else is known about them.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

/// The number of words of a name that are compared.
const MAX_WORDS: usize = 7;

/// The distinct words of a name. Small, and without a pointer, because an answer compares many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameWords {
    /// Sorted hashes.
    hashes: [u32; MAX_WORDS],
    number: u32,
}

impl NameWords {
    /// The words of a name, ignoring case. Numbers and single letters don't count as words.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let words = name.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(1).is_some());
        let mut all: Vec<u32> = words.map(|word| hash(&word.to_lowercase())).collect();
        all.sort_unstable();
        all.dedup();
        let mut hashes = [0; MAX_WORDS];
        hashes.iter_mut().zip(&all).for_each(|(slot, hash)| *slot = *hash);
        Self { hashes, number: all.len().min(MAX_WORDS) as u32 }
    }

    /// Whether two names belong to variants of one thing: all words are the same, or at least two are and each name has
    /// at most one other word.
    #[must_use]
    pub fn is_variant(&self, other: &Self) -> bool {
        let (shared, longest) = (self.shared_with(other), self.number.max(other.number));
        longest > 0 && (shared == longest || shared >= 2 && longest - shared <= 1)
    }

    fn shared_with(&self, other: &Self) -> u32 {
        let (mut mine, mut theirs) = (self.as_slice(), other.as_slice());
        let mut shared = 0;
        while let ([first, rest @ ..], [other_first, other_rest @ ..]) = (mine, theirs) {
            match first.cmp(other_first) {
                Ordering::Less => mine = rest,
                Ordering::Greater => theirs = other_rest,
                Ordering::Equal => (mine, theirs, shared) = (rest, other_rest, shared + 1),
            }
        }
        shared
    }

    fn as_slice(&self) -> &[u32] {
        &self.hashes[..self.number as usize]
    }
}

fn hash(word: &str) -> u32 {
    (FxBuildHasher.hash_one(word) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_one_word_are_variants() {
        let variants = |one: &str, other: &str| {
            let (one, other) = (NameWords::of(one), NameWords::of(other));
            assert_eq!(one.is_variant(&other), other.is_variant(&one));
            one.is_variant(&other)
        };
        assert!(variants("RED SPOTTY BOWL", "Blue spotty bowl"));
        assert!(variants("Pack of 72 retrospot cake cases", "pack of 60 retrospot cake cases"));
        assert!(variants("Jumbo bag", "Jumbo bag red"), "one more word");
        assert!(!variants("Red bowl", "Blue bowl"), "one word in common is too little");
        assert!(!variants("Spotty bowl red large", "Spotty bowl blue small"));
        assert!(!variants("", "") && !variants("Bowl", ""));
        assert!(variants("Lantern", "lantern 2"));
    }
}
