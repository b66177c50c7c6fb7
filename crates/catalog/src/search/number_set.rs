//! Sets of numbers that begin at 0 and leave out few.

const BITS: usize = 64;

/// A set of such numbers, with a bit for each.
#[derive(Clone, Debug, Default)]
pub struct NumberSet(Vec<u64>);

impl NumberSet {
    pub fn contains(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        (0..).step_by(BITS).zip(&self.0).flat_map(|(first, bits)| {
            let rests = std::iter::successors(Some(*bits), |rest| Some(rest & rest.wrapping_sub(1)));
            rests.take_while(|rest| *rest != 0).map(move |rest| first + rest.trailing_zeros())
        })
    }

    /// Leaves only those that the other one has, too.
    pub fn retain(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        for (bits, others) in self.0.iter_mut().zip(&other.0) {
            *bits &= others;
        }
    }

    /// Adds those of the other one.
    pub fn add(&mut self, other: &Self) {
        self.make_room(other.0.len());
        for (bits, others) in self.0.iter_mut().zip(&other.0) {
            *bits |= others;
        }
    }

    fn make_room(&mut self, words: usize) {
        if self.0.len() < words {
            self.0.resize(words, 0);
        }
    }
}

impl Extend<u32> for NumberSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, numbers: I) {
        for number in numbers {
            let (word, bit) = place(number);
            self.make_room(word + 1);
            self.0[word] |= bit;
        }
    }
}

impl FromIterator<u32> for NumberSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::default();
        set.extend(numbers);
        set
    }
}

fn place(number: u32) -> (usize, u64) {
    let number = number as usize;
    (number / BITS, 1 << (number % BITS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = BTreeSet<u32>> {
        proptest::collection::btree_set(0_u32..300, 0..40)
    }

    fn of(numbers: &BTreeSet<u32>) -> NumberSet {
        numbers.iter().copied().collect()
    }

    fn all(set: &NumberSet) -> Vec<u32> {
        set.iter().collect()
    }

    proptest! {
        #[test]
        fn it_has_what_a_set_has(one in numbers(), other in numbers()) {
            let set = of(&one);
            prop_assert_eq!(all(&set), one.iter().copied().collect::<Vec<_>>());
            prop_assert!((0..400).all(|number| set.contains(number) == one.contains(&number)));
            let (mut both, mut any) = (set.clone(), set);
            both.retain(&of(&other));
            any.add(&of(&other));
            prop_assert_eq!(all(&both), one.intersection(&other).copied().collect::<Vec<_>>());
            prop_assert_eq!(all(&any), one.union(&other).copied().collect::<Vec<_>>());
        }
    }
}
