//! Looking for products: by words, in a category, and narrowed step by step.

mod facets;

use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::cards;
use super::failed::failed;
use super::header::{Top, header};
use super::query::{SearchQuery, category_url};
use super::visit::Visit;
use crate::live::Topics;
use crate::page::{Area, Page};
use crate::services::catalog::Found;

/// The orders that the catalog knows.
const SORTS: [&str; 5] = ["relevance", "price", "price-descending", "name", "newest"];

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Response {
    results(&visit, read(query.as_deref())).await
}

pub async fn show_category(
    visit: Visit,
    Path(category): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    results(&visit, SearchQuery { category, ..read(query.as_deref()) }).await
}

/// What can't be read is looked for without.
fn read(query: Option<&str>) -> SearchQuery {
    serde_html_form::from_str(query.unwrap_or_default()).unwrap_or_default()
}

async fn results(visit: &Visit, query: SearchQuery) -> Response {
    let pairs = query.for_catalog();
    let (found, cart) = tokio::join!(visit.state.services.search(&pairs), visit.cart());
    let mut found = match found {
        Ok(found) => found,
        Err(failure) => return failed(visit, &failure),
    };
    let cart = cart.ok().flatten();
    let top = Top::of(visit, cart.as_ref()).await;
    let top = Top {
        text: query.q.clone(),
        category: query.category.split('/').next().map(str::to_owned).filter(|name| !name.is_empty()),
        ..top
    };
    let cards = cards::with_stock(visit, std::mem::take(&mut found.products)).await;
    let topics = Topics { cart: cart.as_ref(), skus: cards::skus(&cards).collect() };
    let title = title(visit, &query);
    let main = html! {
        (trail(visit, &query.category))
        header.results {
            h1 { (title) }
            p role="status" { (summary(visit, &query, &found)) }
        }
        div.found {
            div.filters { (facets::filters(visit, &query, found.facets.as_ref())) }
            div {
                @if !cards.is_empty() { (order(visit, &query)) }
                div data-region="results" data-keeps { (cards::grid(visit, &cards, 2)) }
                @if cards.is_empty() { (nothing(visit)) }
                (pages(visit, &query, &found))
            }
        }
        (visit.live(&topics))
    };
    Page { texts: visit.texts, title, area: Area::Shop, header: header(visit, &top), main }.into_response()
}

fn title(visit: &Visit, query: &SearchQuery) -> String {
    let texts = &visit.texts.shop;
    let category = query.category.rsplit('/').next().unwrap_or_default();
    match (query.q.trim(), category) {
        ("", "") => texts.all_products.to_owned(),
        ("", category) => category.to_owned(),
        (words, _) => (texts.results_for)(words),
    }
}

fn summary(visit: &Visit, query: &SearchQuery, found: &Found) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        ((texts.products)(found.total))
        @if let Some(understood) = &found.understood_as { ". " ((texts.understood_as)(understood)) }
        @if !found.all_words && !query.q.trim().is_empty() && found.total > 0 { ". " (texts.some_words) }
    }
}

/// Where a category is.
fn trail(visit: &Visit, category: &str) -> Markup {
    let names: Vec<&str> = category.split('/').filter(|name| !name.is_empty()).collect();
    html! {
        @if !names.is_empty() {
            nav.trail aria-label=(visit.texts.shop.trail) {
                ol {
                    li { a href="/shop" { (visit.texts.shop.home) } }
                    @for (at, name) in names.iter().enumerate() {
                        @let path = names.get(..=at).unwrap_or_default().join("/");
                        li { a href=(category_url(&path)) aria-current=[(at + 1 == names.len()).then_some("page")] { (name) } }
                    }
                }
            }
        }
    }
}

fn order(visit: &Visit, query: &SearchQuery) -> Markup {
    let texts = &visit.texts.shop;
    let sort = if query.sort.is_empty() { "relevance" } else { &query.sort };
    html! {
        nav.order aria-label=(texts.sorted_by) {
            span aria-hidden="true" { (texts.sorted_by) }
            ul {
                @for one in SORTS {
                    li {
                        @let url = query.with(|query| one.clone_into(&mut query.sort)).url();
                        a href=(url) aria-current=[(one == sort).then_some("true")] { (texts.sort(one)) }
                    }
                }
            }
        }
    }
}

fn nothing(visit: &Visit) -> Markup {
    let texts = &visit.texts.shop;
    html! { div.message { p { (texts.nothing_found) } a.button href="/shop/search" { (texts.see_all) } } }
}

fn pages(visit: &Visit, query: &SearchQuery, found: &Found) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        nav.pages aria-label=(texts.pages) {
            @if !query.after.is_empty() {
                a.button.quiet href=(query.with(|_| ()).url()) { (texts.first_page) }
            }
            @if let Some(next) = &found.next {
                a.button href=(query.with(|query| query.after.clone_from(next)).url()) { (texts.next_page) }
            }
        }
    }
}
