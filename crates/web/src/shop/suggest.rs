//! What may be meant, while one is typing: a part of a page, for the script.

use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::pictures::picture_of;
use super::query::{SearchQuery, product_url};
use super::visit::Visit;

const SHOWN: &str = "6";

pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query: SearchQuery = serde_html_form::from_str(&query.unwrap_or_default()).unwrap_or_default();
    let pairs = [("q", query.q.trim()), ("limit", SHOWN)];
    // Suggestions are a help: without them one can still search.
    let Ok(found) = visit.state.services.search(&pairs).await else { return html! {}.into_response() };
    let texts = &visit.texts.shop;
    html! {
        @if found.products.is_empty() { p { (texts.nothing_found) } }
        ul { @for product in &found.products {
            li { a href=(product_url(&product.sku)) {
                (picture_of(&visit, product, 40))
                span { (product.name) }
                span.price { (product.price.text(visit.texts.tag)) }
            } }
        } }
        @if found.total > found.products.len() as u64 {
            a.all href=(query.url()) { ((texts.see_all_found)(found.total)) }
        }
    }
    .into_response()
}
