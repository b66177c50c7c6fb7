use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use events::Money;

use super::facets::{Facet, FacetNumber, Facets};
use super::text_normalization::{folded, words};
use crate::product::Details;

/// What searches need to know of a product besides its words.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The stock keeping unit.
    pub sku: Box<str>,
    /// It as searches compare it.
    pub folded_sku: Box<str>,
    /// Its names in all languages, each as folded words; the first is the one that lists are sorted by.
    pub names: Box<[Box<str>]>,
    /// The price of a piece.
    pub price: Money,
    /// When it came into the catalogue.
    pub created_at: DateTime<Utc>,
    /// Not sold before.
    pub published_from: Option<DateTime<Utc>>,
    /// Not sold any more.
    pub retired: bool,
    /// Its categories and properties.
    pub facets: Box<[FacetNumber]>,
}

/// A product as searches get to know it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The number of its entry in the index.
    pub number: i64,
    /// The stock keeping unit.
    pub sku: String,
    /// Its name.
    pub name: String,
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
    pub(super) fn of(listed: Listed, facets: &mut Facets) -> Self {
        let Listed { number: _, sku, name, price, details, created_at, published_from, retired } = listed;
        let translated = details.translations.values().map(|texts| texts.name.as_str());
        let names = std::iter::once(name.as_str()).chain(translated).map(|name| words(name).join(" ").into());
        Self {
            folded_sku: folded(&sku).into(),
            sku: sku.into(),
            names: names.collect(),
            price,
            created_at,
            published_from,
            retired,
            facets: facets_of(&details).into_iter().map(|facet| facets.number(facet)).collect(),
        }
    }

    /// Whether it is sold at this time.
    pub fn is_sold(&self, now: DateTime<Utc>) -> bool {
        !self.retired && self.published_from.is_none_or(|from| from <= now)
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
