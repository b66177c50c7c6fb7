//! Pages that say what went wrong.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::header::{Top, header};
use super::visit::Visit;
use crate::page::{Area, Page};
use crate::services::Failure;

/// There is no such page.
pub async fn unknown(visit: Visit) -> Response {
    not_found(&visit)
}

/// There is no such page, product or category.
pub fn not_found(visit: &Visit) -> Response {
    let texts = visit.texts;
    message(visit, StatusCode::NOT_FOUND, texts.not_found, texts.not_found_hint)
}

/// A service refused, or is away.
pub fn failed(visit: &Visit, failure: &Failure) -> Response {
    let texts = visit.texts;
    if failure.is_not_found() {
        return not_found(visit);
    }
    match failure {
        Failure::Refused { status, problem, .. } => {
            message(visit, *status, texts.shop.refused, texts.shop.problem(problem))
        }
        Failure::Unavailable => {
            let page =
                message(visit, StatusCode::SERVICE_UNAVAILABLE, texts.unavailable, texts.unavailable_hint);
            ([(RETRY_AFTER, "5")], page).into_response()
        }
    }
}

/// A page with one message.
pub fn message(visit: &Visit, status: StatusCode, title: &str, hint: &str) -> Response {
    let main = html! {
        section.message {
            h1 { (title) }
            p { (hint) }
            p { a.button href="/shop" { (visit.texts.shop.to_the_shop) } }
        }
    };
    let header = header(visit, &Top::default());
    let page = Page { texts: visit.texts, title: title.to_owned(), area: Area::Shop, header, main };
    (status, page).into_response()
}
