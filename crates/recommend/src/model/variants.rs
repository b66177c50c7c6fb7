//! Which products are variants of one thing: "red spotty bowl" and "blue spotty bowl". Told by their names, since
//! nothing else is known of them.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

/// The different words of a name, as sorted hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(Box<[u32]>);

impl Words {
    /// The words of a name. Upper and lower case are the same, and numbers are no words.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let words = name.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(1).is_some());
        let mut hashes: Vec<u32> = words.map(|word| hash(&word.to_lowercase())).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes.into())
    }

    /// Whether two names mean variants of one thing: at least two words are the same, and at most one of each differs;
    /// or all are the same.
    #[must_use]
    pub fn is_variant(&self, other: &Self) -> bool {
        let shared = self.shared_with(other);
        let longest = self.0.len().max(other.0.len());
        longest > 0 && (shared == longest || shared >= 2 && longest - shared <= 1)
    }

    fn shared_with(&self, other: &Self) -> usize {
        let (mut mine, mut theirs, mut shared) = (0, 0, 0);
        while mine < self.0.len() && theirs < other.0.len() {
            match self.0[mine].cmp(&other.0[theirs]) {
                std::cmp::Ordering::Less => mine += 1,
                std::cmp::Ordering::Greater => theirs += 1,
                std::cmp::Ordering::Equal => (mine, theirs, shared) = (mine + 1, theirs + 1, shared + 1),
            }
        }
        shared
    }
}

/// The same in each build, since it is kept in snapshots.
#[allow(clippy::cast_possible_truncation, reason = "a hash of 32 bits is wanted")]
fn hash(word: &str) -> u32 {
    (FxBuildHasher.hash_one(word) >> 32) as u32
}
