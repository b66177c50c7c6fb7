use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use events::Money;

use super::facets::{Facet, FacetNumber, Facets, PriceRangeNumber};
use super::text_normalization::{folded, words};
use super::word_index::{WordIndex, WordNumber};
use crate::product::Details;

/// Separates two names.
const END_OF_NAME: WordNumber = WordNumber::MAX;

/// What searches need to know of a product.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The stock keeping unit.
    pub sku: Box<str>,
    /// Its beginning, which sorts as it does: many thousands of listings are compared without looking elsewhere.
    pub sku_beginning: SkuBeginning,
    /// It as searches compare it.
    pub folded_sku: WordNumber,
    /// The folded words of its name, which lists are sorted by.
    pub name: Box<str>,
    /// The words of its names in all languages.
    names: Box<[WordNumber]>,
    /// All words that it is found by, sorted.
    pub words: Box<[WordNumber]>,
    /// The price of a piece.
    pub price: Money,
    /// The range that the price is in.
    pub price_range: PriceRangeNumber,
    /// When it came into the catalogue.
    pub created_at: DateTime<Utc>,
    /// Not sold before.
    pub published_from: Option<DateTime<Utc>>,
    /// Not sold any more.
    pub retired: bool,
    /// Its categories and properties.
    pub facets: Box<[FacetNumber]>,
}

/// The first letters of an SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkuBeginning([u8; 8]);

/// A product as searches get to know it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The number of its entry in the index.
    pub number: i64,
    /// The stock keeping unit.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// All words that it is found by, with blanks between them.
    pub words: String,
    /// The price of a piece.
    pub price: Money,
    /// What else there is to know.
    pub details: Details,
    /// When it came into the catalogue.
    pub created_at: DateTime<Utc>,
    /// Not sold before.
    pub published_from: Option<DateTime<Utc>>,
    /// Not sold any more.
    pub retired: bool,
}

impl Listing {
    pub(super) fn of(listed: Listed, index: &mut WordIndex, facets: &mut Facets) -> Self {
        let Listed { number: _, sku, name, words: all, price, details, .. } = listed;
        let name = words(&name).join(" ");
        let translated = details.translations.values().map(|texts| words(&texts.name).join(" "));
        let mut numbers = |text: &str| -> Vec<WordNumber> {
            text.split(' ').filter(|word| !word.is_empty()).map(|word| index.number(word)).collect()
        };
        let mut all = numbers(&all);
        all.sort_unstable();
        let names: Vec<Vec<WordNumber>> =
            std::iter::once(numbers(&name)).chain(translated.map(|name| numbers(&name))).collect();
        Self {
            folded_sku: index.number(&folded(&sku)),
            sku_beginning: SkuBeginning::of(&sku),
            sku: sku.into(),
            name: name.into(),
            names: names.join(&END_OF_NAME).into(),
            words: all.into(),
            price,
            price_range: facets.price_range(price),
            created_at: listed.created_at,
            published_from: listed.published_from,
            retired: listed.retired,
            facets: facets_of(&details).into_iter().map(|facet| facets.number(facet)).collect(),
        }
    }

    /// The numbers of words that it uses, some more than once.
    pub(super) fn used_words(&self) -> impl Iterator<Item = WordNumber> {
        let of_names = self.names.iter().copied().filter(|word| *word != END_OF_NAME);
        self.words.iter().copied().chain(of_names).chain([self.folded_sku])
    }

    /// Its names in all languages.
    pub(super) fn names(&self) -> impl Iterator<Item = &[WordNumber]> {
        self.names.split(|word| *word == END_OF_NAME)
    }

    /// Whether it is sold at this time.
    pub fn is_sold(&self, now: DateTime<Utc>) -> bool {
        !self.retired && self.published_from.is_none_or(|from| from <= now)
    }
}

impl SkuBeginning {
    pub(super) fn of(sku: &str) -> Self {
        let mut beginning = [0; 8];
        beginning.iter_mut().zip(sku.bytes()).for_each(|(place, letter)| *place = letter);
        Self(beginning)
    }
}

/// A category's product is one of the categories above it, too.
fn facets_of(details: &Details) -> BTreeSet<Facet> {
    let paths = details.categories.iter().flat_map(|category| {
        let ends = category.match_indices('/').map(|(end, _)| end).chain([category.len()]);
        ends.map(|end| Facet::Category(category[..end].to_owned()))
    });
    let properties = details.attributes.iter().chain(&details.options);
    let properties =
        properties.map(|(name, value)| Facet::Property { name: name.clone(), value: value.clone() });
    paths.chain(properties).collect()
}

/// All words of a product that a search finds it by.
pub fn searchable_words(
    sku: &str,
    name: &str,
    description: Option<&str>,
    details: &Details,
) -> BTreeSet<String> {
    let translations = details.translations.values();
    let translated = translations.flat_map(|texts| [Some(texts.name.as_str()), texts.description.as_deref()]);
    let texts =
        [Some(sku), Some(name), description, details.variant_of.as_deref()].into_iter().chain(translated);
    let properties = details.attributes.values().chain(details.options.values()).chain(&details.categories);
    let texts = texts.flatten().chain(properties.map(String::as_str));
    texts.flat_map(words).chain([folded(sku)]).collect()
}
