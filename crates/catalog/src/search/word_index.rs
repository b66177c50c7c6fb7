//! All words of the products, and which products have each.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::number_pool::NumberPool;
use super::number_set::NumberSet;

/// A word's place in the list of all.
pub type WordNumber = u32;
/// A product's place in the list of all.
pub type Slot = u32;

/// The words by their numbers. The number of a word that no product has any more becomes that of another one.
#[derive(Debug, Default)]
pub struct WordIndex {
    numbers: BTreeMap<Arc<str>, WordNumber>,
    used: NumberPool,
    texts: Vec<Arc<str>>,
    /// Their lengths, in bytes: ranking asks for many.
    lengths: Vec<u16>,
    /// The products that have them, in order.
    products: Vec<Vec<Slot>>,
}

impl WordIndex {
    /// The number of a word, which it gets if it has none. It keeps it for as long as it is used.
    pub fn number(&mut self, word: &str) -> WordNumber {
        if let Some(number) = self.known(word) {
            return number;
        }
        let (number, text) = (self.used.take(), Arc::<str>::from(word));
        let length = u16::try_from(word.len()).unwrap_or(u16::MAX);
        self.numbers.insert(Arc::clone(&text), number);
        let place = number as usize;
        if place < self.texts.len() {
            (self.texts[place], self.lengths[place]) = (text, length);
        } else {
            self.texts.push(text);
            self.lengths.push(length);
            self.products.push(Vec::new());
        }
        number
    }

    /// A product uses these numbers from now on.
    pub fn begin_use(&mut self, numbers: impl Iterator<Item = WordNumber>) {
        numbers.for_each(|number| self.used.begin_use(number));
    }

    /// A product uses these numbers no more. Words without uses are forgotten.
    pub fn end_use(&mut self, numbers: impl Iterator<Item = WordNumber>) {
        for number in numbers {
            if self.used.end_use(number) {
                self.numbers.remove(&self.texts[number as usize]);
                self.products[number as usize] = Vec::new();
            }
        }
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
