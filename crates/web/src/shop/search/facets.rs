//! What a search can be narrowed by. Each choice is a link, so it works without a script and can be shared.

use iso_currency::Currency;
use maud::{Markup, html};

use crate::money::Money;
use crate::services::catalog::{Facets, ValueCount};
use crate::shop::query::SearchQuery;
use crate::shop::visit::Visit;

/// How many values of an attribute are shown at once.
const SHOWN: usize = 8;

/// All of them; those that are chosen can be taken back.
pub fn filters(visit: &Visit, query: &SearchQuery, facets: Option<&Facets>) -> Markup {
    let texts = &visit.texts.shop;
    let Some(facets) = facets else { return Markup::default() };
    if facets.categories.is_empty() && facets.attributes.is_empty() && facets.prices.is_empty() {
        return chosen(visit, query);
    }
    html! {
        h2.unseen { (texts.narrow) }
        input.unseen #narrow type="checkbox";
        label.button.quiet for="narrow" { (texts.narrow) }
        (chosen(visit, query))
        div.choices {
            @let inner = below(&query.category, &facets.categories);
            @if !inner.is_empty() {
                h3 { (texts.categories) }
                ul { @for one in inner {
                    li { (choice(&query.with(|query| query.category.clone_from(&one.value)).url(), last(&one.value), one.count)) }
                } }
            }
            (prices(visit, query, facets))
            @for (name, values) in &facets.attributes {
                h3 { (name) }
                ul { @for one in values.iter().take(SHOWN) {
                    @let attribute = format!("{name}:{}", one.value);
                    @if !query.attribute.contains(&attribute) {
                        li { (choice(&query.toggled(&attribute).url(), &one.value, one.count)) }
                    }
                } }
            }
        }
    }
}

fn choice(url: &str, name: &str, count: u64) -> Markup {
    html! { a href=(url) { span { (name) } small { (count) } } }
}

/// What it is narrowed to, with the way back.
fn chosen(visit: &Visit, query: &SearchQuery) -> Markup {
    let texts = &visit.texts.shop;
    let has_price = !query.price_from.is_empty() || !query.price_to.is_empty();
    let without_price = || {
        query.with(|query| {
            query.price_from.clear();
            query.price_to.clear();
            query.currency.clear();
        })
    };
    html! {
        ul.chosen {
            @if !query.category.is_empty() {
                li { (taken(visit, &query.with(|query| query.category.clear()).url(), &query.category)) }
            }
            @for attribute in &query.attribute {
                li { (taken(visit, &query.toggled(attribute).url(), &attribute.replace(':', ": "))) }
            }
            @if has_price { li { (taken(visit, &without_price().url(), texts.price)) } }
        }
    }
}

fn taken(visit: &Visit, url: &str, name: &str) -> Markup {
    html! { a href=(url) { span.unseen { (visit.texts.shop.without) " " } (name) span aria-hidden="true" { " ×" } } }
}

fn prices(visit: &Visit, query: &SearchQuery, facets: &Facets) -> Markup {
    let money = |amount: i64, currency: Currency| Money { amount, currency }.text(visit.texts.tag);
    html! {
        @for (currency, prices) in &facets.prices {
            @let ranges: Vec<_> = prices.ranges.iter().filter(|range| range.count > 0).collect();
            @if ranges.len() > 1 {
                h3 { (visit.texts.shop.price) }
                ul { @for range in ranges {
                    @let narrowed = query.with(|query| {
                        currency.code().clone_into(&mut query.currency);
                        query.price_from = range.from.to_string();
                        query.price_to = (range.below - 1).to_string();
                    });
                    @let name = format!("{} – {}", money(range.from, *currency), money(range.below, *currency));
                    li { (choice(&narrowed.url(), &name, range.count)) }
                } }
            }
        }
    }
}

/// The categories one step below the one that is shown.
fn below<'a>(category: &str, all: &'a [ValueCount]) -> Vec<&'a ValueCount> {
    let inner = |one: &&ValueCount| {
        let rest = match category {
            "" => Some(one.value.as_str()),
            category => one.value.strip_prefix(category).and_then(|rest| rest.strip_prefix('/')),
        };
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
    };
    all.iter().filter(inner).collect()
}

fn last(category: &str) -> &str {
    category.rsplit('/').next().unwrap_or(category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_step_down_is_offered() {
        let all = ["Home", "Home/Lighting", "Home/Lighting/Candles", "Homeware"]
            .map(|value| ValueCount { value: value.into(), count: 1 });
        let names =
            |category| below(category, &all).into_iter().map(|one| one.value.as_str()).collect::<Vec<_>>();
        assert_eq!(names(""), ["Home", "Homeware"]);
        assert_eq!(names("Home"), ["Home/Lighting"]);
        assert_eq!(names("Home/Lighting/Candles"), Vec::<&str>::new());
    }
}
