use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::page::{Area, Page};
use crate::texts::Texts;

/// The answer to an address at which there is no page.
pub fn not_found_page(texts: &'static Texts, area: Area, header: Markup) -> Response {
    let main = html! {
        h1 { (texts.not_found) }
        p { (texts.not_found_hint) }
    };
    let page = Page { texts, title: texts.not_found.to_owned(), area, header, main };
    (StatusCode::NOT_FOUND, page).into_response()
}
