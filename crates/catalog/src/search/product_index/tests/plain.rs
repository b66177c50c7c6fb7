//! How products are found by looking at each of them, word by word.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::super::facets::{FacetCounts, PriceCounts, PriceRange, ValueCount};
use super::super::super::filter::Filter;
use super::super::super::listing::Listed;
use super::super::super::page::Sort;
use super::super::super::query::{Pattern, Reading, SearchQuery, Term};
use super::super::super::text_normalization::{folded, words};

/// What is found: all pages.
pub struct Found {
    pub skus: Vec<String>,
    pub facets: FacetCounts,
}

pub fn answerable(query: SearchQuery, products: &[&Listed], now: DateTime<Utc>) -> SearchQuery {
    let sells = |query: &SearchQuery| {
        products.iter().any(|product| is_sold(product, now) && has_words(query, product))
    };
    if matches!(query.terms.as_slice(), [only] if only.apart.is_empty()) || sells(&query) {
        return query;
    }
    let query = query.of_some(|term| sells(&SearchQuery { terms: vec![term.clone()], all: true }));
    let found: Vec<_> =
        products.iter().filter(|product| is_sold(product, now) && has_words(&query, product)).collect();
    let answers = |term: &Term| {
        let answers = |product: &&&&Listed| names(product).iter().any(|name| answer_in(term, name).is_some());
        found.iter().filter(answers).count()
    };
    let answers: Vec<usize> = query.terms.iter().map(answers).collect();
    query.weighed(&answers)
}

pub fn find(
    products: &[&Listed],
    query: Option<&SearchQuery>,
    filter: &Filter,
    sort: Sort,
    now: DateTime<Utc>,
) -> Found {
    let with_words = |product: &&&Listed| query.is_none_or(|query| has_words(query, product));
    let sold: Vec<&Listed> =
        products.iter().filter(|product| is_sold(product, now)).filter(with_words).copied().collect();
    let mut found: Vec<(String, i64, &str)> = sold
        .iter()
        .filter(|product| passes(filter, product))
        .map(|product| place(product, sort, query))
        .collect();
    found.sort();
    Found { skus: found.iter().map(|(_, _, sku)| (*sku).to_owned()).collect(), facets: facets(&sold, filter) }
}

fn place<'a>(product: &'a Listed, sort: Sort, query: Option<&SearchQuery>) -> (String, i64, &'a str) {
    let currency = product.price.currency.code().to_owned();
    let (text, number) = match sort {
        Sort::Relevance => (String::new(), -i64::from(query.map_or(0, |query| relevance(query, product)))),
        Sort::Price => (currency, product.price.amount),
        Sort::PriceDescending => (currency, -product.price.amount),
        Sort::Name => (words(&product.name).join(" "), 0),
        Sort::Newest => (String::new(), -product.created_at.timestamp()),
    };
    (text, number, &product.sku)
}

fn is_sold(product: &Listed, now: DateTime<Utc>) -> bool {
    !product.retired && product.published_from.is_none_or(|from| from <= now)
}

fn has_words(query: &SearchQuery, product: &Listed) -> bool {
    let all: BTreeSet<&str> = product.words.split(' ').collect();
    let pattern = |pattern: &Pattern| {
        all.iter()
            .any(|word| *word == pattern.text || (pattern.is_beginning && word.starts_with(&pattern.text)))
    };
    let reading = |reading: &Reading| reading.patterns.iter().all(pattern);
    let term = |term: &Term| term.readings.iter().any(reading);
    if query.all { query.terms.iter().all(term) } else { query.terms.iter().any(term) }
}

fn categories(product: &Listed) -> BTreeSet<String> {
    let all = product.details.categories.iter();
    all.flat_map(|path| {
        let parts: Vec<&str> = path.split('/').collect();
        (1..=parts.len()).map(|length| parts[..length].join("/")).collect::<Vec<_>>()
    })
    .collect()
}

fn passes(filter: &Filter, product: &Listed) -> bool {
    let price = product.price;
    filter.category.as_ref().is_none_or(|category| categories(product).contains(category))
        && filter
            .properties
            .iter()
            .all(|(name, any)| product.details.options.get(name).is_some_and(|value| any.contains(value)))
        && filter.currency.as_deref().is_none_or(|currency| currency == price.currency.code())
        && filter.price_from.is_none_or(|from| from <= price.amount)
        && filter.price_to.is_none_or(|to| price.amount <= to)
}

/// Each group is counted as if nothing were asked of it.
fn facets(sold: &[&Listed], filter: &Filter) -> FacetCounts {
    let with = |filter: Filter| sold.iter().filter(move |product| passes(&filter, product));
    let of_categories =
        with(Filter { category: None, ..filter.clone() }).flat_map(|product| categories(product));
    let of_colours = with(Filter { properties: BTreeMap::new(), ..filter.clone() });
    let of_colours = of_colours.map(|product| product.details.options["colour"].clone());
    let colours = values(of_colours);
    let mut prices: BTreeMap<String, PriceCounts> = BTreeMap::new();
    for product in with(Filter { price_from: None, price_to: None, ..filter.clone() }) {
        let (currency, amount) = (product.price.currency.code().to_owned(), product.price.amount);
        let counts =
            prices.entry(currency).or_insert(PriceCounts { lowest: amount, highest: amount, ranges: vec![] });
        counts.lowest = counts.lowest.min(amount);
        counts.highest = counts.highest.max(amount);
        let bounds = [0, 1, 2, 5, 10, 20, 50].windows(2).find(|bounds| amount < bounds[1]).unwrap().to_vec();
        match counts.ranges.iter_mut().find(|range| range.from == bounds[0]) {
            Some(range) => range.count += 1,
            None => counts.ranges.push(PriceRange { from: bounds[0], below: bounds[1], count: 1 }),
        }
        counts.ranges.sort_by_key(|range| range.from);
    }
    let attributes = if colours.is_empty() { vec![] } else { vec![("colour".to_owned(), colours)] };
    FacetCounts { categories: values(of_categories), attributes: attributes.into_iter().collect(), prices }
}

fn values(all: impl Iterator<Item = String>) -> Vec<ValueCount> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for value in all {
        *counts.entry(value).or_default() += 1;
    }
    let mut values: Vec<ValueCount> =
        counts.into_iter().map(|(value, count)| ValueCount { value, count }).collect();
    values.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value)));
    values
}

fn names(product: &Listed) -> Vec<Vec<String>> {
    let translated = product.details.translations.values().map(|texts| &texts.name);
    std::iter::once(&product.name).chain(translated).map(|name| words(name)).collect()
}

/// Where a term is answered in a name.
struct Answer {
    quality: i32,
    from: usize,
    to: usize,
    words: usize,
}

fn relevance(query: &SearchQuery, product: &Listed) -> i32 {
    let sku = folded(&product.sku);
    let of_names = names(product).iter().map(|name| relevance_of_name(query, name, &sku)).max().unwrap();
    let whole = |reading: &Reading| reading.patterns.len() == 1 && reading.patterns[0].text == sku;
    let is_sku = query.terms.len() == 1 && query.terms[0].readings.iter().any(whole);
    of_names + if is_sku { 5_000 } else { 0 }
}

fn relevance_of_name(query: &SearchQuery, name: &[String], sku: &str) -> i32 {
    let answers: Vec<Option<Answer>> = query.terms.iter().map(|term| answer_in(term, name)).collect();
    let weight: i32 = query.terms.iter().map(|term| term.weight).sum();
    let quality = query.terms.iter().zip(&answers).map(|(term, answer)| {
        let elsewhere = if query.all { 15 } else { 0 };
        let of_sku = if begins(term, sku) { 60 } else { elsewhere };
        term.weight * answer.as_ref().map_or(of_sku, |answer| answer.quality.max(of_sku))
    });
    let number = |number: usize| i32::try_from(number).unwrap();
    let quality = 10 * quality.sum::<i32>() / weight.max(1);
    let found: Vec<&Answer> = answers.iter().flatten().collect();
    let matched: usize = found.iter().map(|answer| answer.words).sum();
    let whole = 120 * number(matched.min(name.len())) / number(name.len()).max(1);
    let in_order = found.windows(2).filter(|pair| pair[0].to + 1 == pair[1].from).count();
    let in_order = 60 * number(in_order) / number(query.terms.len() - 1).max(1);
    quality + whole + in_order + if found.iter().any(|answer| answer.from == 0) { 25 } else { 0 }
}

fn begins(term: &Term, sku: &str) -> bool {
    term.readings.iter().any(|reading| {
        let pattern = &reading.patterns[0];
        reading.patterns.len() == 1
            && pattern.is_beginning
            && pattern.text.len() > 2
            && sku.starts_with(&pattern.text)
    })
}

fn answer_in(term: &Term, name: &[String]) -> Option<Answer> {
    let answers = term.readings.iter().filter_map(|reading| reading_in(reading, name));
    answers.max_by_key(|answer| answer.quality)
}

fn reading_in(reading: &Reading, name: &[String]) -> Option<Answer> {
    let mut answer =
        Answer { quality: reading.quality, from: usize::MAX, to: 0, words: reading.patterns.len() };
    for pattern in &reading.patterns {
        let (place, covered) = found_in(pattern, name)?;
        answer.from = answer.from.min(place);
        answer.to = answer.to.max(place);
        answer.quality -= (100 - covered) / 10;
    }
    Some(answer)
}

fn found_in(pattern: &Pattern, name: &[String]) -> Option<(usize, i32)> {
    if !pattern.is_beginning {
        return name.iter().position(|word| *word == pattern.text).map(|place| (place, 100));
    }
    let covered = |word: &str| i32::try_from(100 * pattern.text.len() / word.len()).unwrap();
    let begin = name.iter().enumerate().filter(|(_, word)| word.starts_with(&pattern.text));
    begin
        .map(|(place, word)| (place, covered(word)))
        .max_by_key(|(place, covered)| (*covered, usize::MAX - place))
}
