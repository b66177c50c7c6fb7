use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::facets::{FacetCounts, Facets};
use super::filter::Filter;
use super::listing::{Listed, Listing};
use super::page::{PageEnd, Place, Sort};
use super::query::SearchQuery;

/// All products, with what searches need to know of each.
#[derive(Debug, Default)]
pub struct ProductIndex {
    listings: Vec<Listing>,
    by_number: HashMap<i64, usize>,
    facets: Facets,
}

/// What is looked for among the products.
pub struct Wanted<'a> {
    /// The numbers of those that have the words; none: no words are asked for.
    pub numbers: Option<&'a [i64]>,
    /// What the text asks for.
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
        let number = listed.number;
        let listing = Listing::of(listed, &mut self.facets);
        let place = self.by_number.get(&number).and_then(|place| self.listings.get_mut(*place));
        if let Some(place) = place {
            *place = listing;
        } else {
            self.by_number.insert(number, self.listings.len());
            self.listings.push(listing);
        }
    }

    /// The products that are sold and have the words.
    fn sold<'a>(
        &'a self,
        numbers: Option<&'a [i64]>,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &'a Listing> {
        let with_words = numbers.into_iter().flatten().filter_map(|number| self.by_number.get(number));
        let with_words = with_words.filter_map(|place| self.listings.get(*place));
        let all = self.listings.iter().filter(move |_| numbers.is_none());
        with_words.chain(all).filter(move |listing| listing.is_sold(now))
    }

    /// A query of which some terms will do, with more weight on those that few of these products answer.
    pub fn weighed(&self, query: SearchQuery, numbers: &[i64], now: DateTime<Utc>) -> SearchQuery {
        query.weighed(&self.sold(Some(numbers), now).collect::<Vec<_>>())
    }

    /// Finds a page of products.
    pub fn find(&self, wanted: &Wanted<'_>) -> Found {
        let condition = wanted.filter.condition(&self.facets);
        let mut counts = wanted.count.then(|| self.facets.counts());
        let mut passing: Vec<&Listing> = Vec::new();
        for listing in self.sold(wanted.numbers, wanted.now) {
            let passes = match &mut counts {
                Some(counts) => condition.count(listing, &self.facets, counts),
                None => condition.holds(listing),
            };
            if passes {
                passing.push(listing);
            }
        }
        let total = passing.len();
        let mut places: Vec<Place<'_>> =
            passing.into_iter().map(|listing| Place::of(listing, wanted.sort, wanted.query)).collect();
        if let Some(end) = wanted.after {
            places.retain(|place| *place > end.place());
        }
        let more = places.len() > wanted.limit;
        if more {
            places.select_nth_unstable(wanted.limit);
            places.truncate(wanted.limit);
        }
        places.sort_unstable();
        let end = places.last().filter(|_| more);
        Found {
            end: end.map(|place| place.end(wanted.sort, wanted.asked, wanted.query)),
            skus: places.iter().map(|place| place.sku().to_owned()).collect(),
            total,
            facets: counts.map(|counts| counts.shown(&self.facets)),
        }
    }
}
