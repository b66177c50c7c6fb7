//! All words of the products, and which products have each.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::number_set::NumberSet;

/// A word's place in the list of all.
pub type WordNumber = u32;
/// A product's place in the list of all.
pub type Slot = u32;

/// The words by their numbers. A word that no product has any more keeps its number.
#[derive(Debug, Default)]
pub struct WordIndex {
    numbers: BTreeMap<Box<str>, WordNumber>,
    /// Their lengths, in bytes.
    lengths: Vec<u16>,
    /// The products that have them, in order.
    products: Vec<Vec<Slot>>,
}

impl WordIndex {
    /// The number of a word, which it gets if it has none.
    pub fn number(&mut self, word: &str) -> WordNumber {
        if let Some(number) = self.known(word) {
            return number;
        }
        let number = WordNumber::try_from(self.products.len()).unwrap_or(WordNumber::MAX);
        self.numbers.insert(word.into(), number);
        self.lengths.push(u16::try_from(word.len()).unwrap_or(u16::MAX));
        self.products.push(Vec::new());
        number
    }

    /// The number of a word that there is.
    pub fn known(&self, word: &str) -> Option<WordNumber> {
        self.numbers.get(word).copied()
    }

    /// The words that begin with a text.
    pub fn beginning_with(&self, text: &str) -> NumberSet {
        // No word has this letter. To compare each word with the text would take longer than all else.
        let end = format!("{text}{}", char::MAX);
        let range = (Bound::Included(text), Bound::Excluded(end.as_str()));
        self.numbers.range::<str, _>(range).map(|(_, number)| *number).collect()
    }

    /// The length of a word, in bytes.
    pub fn length(&self, number: WordNumber) -> usize {
        self.lengths.get(number as usize).copied().unwrap_or_default().into()
    }

    /// The products that have a word.
    pub fn products_with(&self, number: WordNumber) -> &[Slot] {
        self.products.get(number as usize).map_or(&[], Vec::as_slice)
    }

    /// Takes notice of a product's words, given those that it had before. Both are sorted.
    pub fn change(&mut self, slot: Slot, before: &[WordNumber], after: &[WordNumber]) {
        let of = |words: &[WordNumber], number: &WordNumber| words.binary_search(number).is_ok();
        for number in before.iter().filter(|number| !of(after, number)) {
            let products = &mut self.products[*number as usize];
            if let Ok(place) = products.binary_search(&slot) {
                products.remove(place);
            }
        }
        for number in after.iter().filter(|number| !of(before, number)) {
            let products = &mut self.products[*number as usize];
            if let Err(place) = products.binary_search(&slot) {
                products.insert(place, slot);
            }
        }
    }
}
