//! The order of what was found, and where a page begins: after the last product of the page before it, whatever else came
//! or went meanwhile.

use std::collections::BinaryHeap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::listing::{Listing, SkuBeginning};
use super::numbered_query::NumberedQuery;
use super::query::SearchQuery;

/// By what the products of an answer are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// By how well they answer the text; without one, by SKU.
    #[default]
    Relevance,
    /// The cheapest first.
    Price,
    /// The most expensive first.
    PriceDescending,
    /// By name.
    Name,
    /// Those that came into the catalogue last first.
    Newest,
}

/// A product's place in the order. There are never two in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<'a> {
    text: &'a str,
    number: i64,
    sku_beginning: SkuBeginning,
    sku: &'a str,
}

/// The first of many places.
#[derive(Debug)]
pub(super) struct FirstPlaces<'a> {
    limit: usize,
    /// One more, if there are.
    places: BinaryHeap<Place<'a>>,
}

/// What one needs to know to go on after a page: also how the text was understood, so that this stays the same when words
/// come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEnd {
    text: String,
    number: i64,
    sku: String,
    sort: Sort,
    /// The text and the filter that were asked for: another query has other pages.
    asked: String,
    /// None, if there was no text.
    #[serde(rename = "question")]
    query: Option<SearchQuery>,
}

impl<'a> Place<'a> {
    pub(super) fn of(listing: &'a Listing, sort: Sort, query: Option<&NumberedQuery<'_>>) -> Self {
        let (text, number) = match sort {
            Sort::Relevance => ("", -i64::from(query.map_or(0, |query| query.relevance(listing)))),
            Sort::Price => (listing.price.currency.code(), listing.price.amount),
            Sort::PriceDescending => (listing.price.currency.code(), -listing.price.amount),
            Sort::Name => (&*listing.name, 0),
            Sort::Newest => ("", -listing.created_at.timestamp_micros()),
        };
        Self { text, number, sku_beginning: listing.sku_beginning, sku: &listing.sku }
    }

    pub(super) fn sku(&self) -> &'a str {
        self.sku
    }

    pub(super) fn end(&self, sort: Sort, asked: &str, query: Option<&SearchQuery>) -> PageEnd {
        let Self { text, number, sku_beginning: _, sku } = *self;
        let (asked, query) = (asked.to_owned(), query.cloned());
        PageEnd { text: text.to_owned(), number, sku: sku.to_owned(), sort, asked, query }
    }
}

impl<'a> FirstPlaces<'a> {
    pub fn new(limit: usize) -> Self {
        Self { limit, places: BinaryHeap::new() }
    }

    pub fn add(&mut self, place: Place<'a>) {
        if self.places.len() <= self.limit {
            self.places.push(place);
        } else if let Some(mut last) = self.places.peek_mut()
            && place < *last
        {
            *last = place;
        }
    }

    /// In order, and whether there are more.
    pub fn into_sorted(self) -> (Vec<Place<'a>>, bool) {
        let mut places = self.places.into_sorted_vec();
        let more = places.len() > self.limit;
        places.truncate(self.limit);
        (places, more)
    }
}

impl PageEnd {
    /// The last place of the page.
    pub(super) fn place(&self) -> Place<'_> {
        let sku_beginning = SkuBeginning::of(&self.sku);
        Place { text: &self.text, number: self.number, sku_beginning, sku: &self.sku }
    }

    /// Whether it ended a page of the same search.
    pub fn belongs_to(&self, sort: Sort, asked: &str) -> bool {
        self.sort == sort && self.asked == asked
    }

    /// How the text was understood.
    pub fn query(&self) -> Option<&SearchQuery> {
        self.query.as_ref()
    }

    /// As a text for a client to send back.
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what a client sent back.
    pub fn read(text: &str) -> Option<Self> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let end: Self = serde_json::from_slice(&json).ok()?;
        end.query.as_ref().is_none_or(SearchQuery::is_plausible).then_some(end)
    }
}
