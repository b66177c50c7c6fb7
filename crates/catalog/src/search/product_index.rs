use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::facets::{FacetCounts, Facets};
use super::filter::Filter;
use super::listing::{Listed, Listing};
use super::number_set::NumberSet;
use super::numbered_query::NumberedQuery;
use super::page::{FirstPlaces, PageEnd, Place, Sort};
use super::query::SearchQuery;
use super::word_index::{Slot, WordIndex};

/// All products, with their words and what else searches need to know of each.
#[derive(Debug, Default)]
pub struct ProductIndex {
    listings: Vec<Listing>,
    by_number: HashMap<i64, Slot>,
    words: WordIndex,
    facets: Facets,
}

/// What is looked for among the products.
pub struct Wanted<'a> {
    /// What the text asks for; none: no words are asked for.
    pub query: Option<&'a SearchQuery>,
    /// What else they have to be.
    pub filter: &'a Filter,
    /// The order.
    pub sort: Sort,
    /// The end of the page before.
    pub after: Option<&'a PageEnd>,
    /// The search in a text, to know it again by.
    pub asked: &'a str,
    /// The most products.
    pub limit: usize,
    /// Whether to count facets.
    pub count: bool,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The products of the page, in order.
    pub skus: Vec<String>,
    /// How many there are on all pages.
    pub total: usize,
    /// Its end, if there is a next page.
    pub end: Option<PageEnd>,
    /// What one can narrow the search by.
    pub facets: Option<FacetCounts>,
}

impl ProductIndex {
    /// Puts a product in its place.
    pub fn put(&mut self, listed: Listed) {
        let next = Slot::try_from(self.listings.len()).unwrap_or(Slot::MAX);
        let slot = *self.by_number.entry(listed.number).or_insert(next);
        let listing = Listing::of(listed, &mut self.words, &mut self.facets);
        self.words.begin_use(listing.used_words());
        self.facets.begin_use(&listing.facets);
        if let Some(kept) = self.listings.get_mut(slot as usize) {
            self.words.change(slot, &kept.words, &listing.words);
            let before = std::mem::replace(kept, listing);
            self.words.end_use(before.used_words());
            self.facets.end_use(&before.facets);
        } else {
            self.words.change(slot, &[], &listing.words);
            self.listings.push(listing);
        }
    }

    /// Whether some product has a word, sold or not.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.known(word).is_some()
    }

    /// The products that are sold; of these, if any are given.
    fn sold<'a>(
        &'a self,
        slots: Option<&'a NumberSet>,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &'a Listing> {
        let some = slots.into_iter().flat_map(NumberSet::iter);
        let some = some.filter_map(|slot| self.listings.get(slot as usize));
        let all = slots.is_none().then_some(&self.listings).into_iter().flatten();
        some.chain(all).filter(move |listing| listing.is_sold(now))
    }

    /// The query, if something is sold that has all of its words; or else one for what has some, with more weight on terms
    /// that few of these answer.
    pub fn answerable(&self, query: SearchQuery, now: DateTime<Utc>) -> SearchQuery {
        if !query.has_parts() || self.finds_sold(&query, now) {
            return query;
        }
        let query = query.of_some(|term| self.finds_sold(&term.clone().alone(), now));
        let numbered = NumberedQuery::of(&query, &self.words);
        let products = numbered.products();
        let listings: Vec<&Listing> = self.sold(Some(&products), now).collect();
        let answers = numbered.answers(&listings);
        query.weighed(&answers)
    }

    fn finds_sold(&self, query: &SearchQuery, now: DateTime<Utc>) -> bool {
        let products = NumberedQuery::of(query, &self.words).products();
        self.sold(Some(&products), now).next().is_some()
    }

    /// Finds a page of products.
    pub fn find(&self, wanted: &Wanted<'_>) -> Found {
        let query = wanted.query.map(|query| NumberedQuery::of(query, &self.words));
        let products = query.as_ref().map(NumberedQuery::products);
        let condition = wanted.filter.condition(&self.facets);
        let mut counts = wanted.count.then(|| self.facets.counts());
        let after = wanted.after.map(PageEnd::place);
        let (mut total, mut first) = (0, FirstPlaces::new(wanted.limit));
        // Many thousands: a loop would ask for each which of the two chained lists it is from.
        self.sold(products.as_ref(), wanted.now).for_each(|listing| {
            let passes = match &mut counts {
                Some(counts) => condition.count(listing, &self.facets, counts),
                None => condition.holds(listing),
            };
            if !passes {
                return;
            }
            total += 1;
            let place = Place::of(listing, wanted.sort, query.as_ref());
            if after.as_ref().is_none_or(|after| place > *after) {
                first.add(place);
            }
        });
        let (places, more) = first.into_sorted();
        let end = places.last().filter(|_| more);
        Found {
            end: end.map(|place| place.end(wanted.sort, wanted.asked, wanted.query)),
            skus: places.iter().map(|place| place.sku().to_owned()).collect(),
            total,
            facets: counts.map(|counts| counts.shown(&self.facets)),
        }
    }
}

#[cfg(test)]
mod tests;
