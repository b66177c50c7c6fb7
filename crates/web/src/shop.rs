//! The storefront.

mod header;
mod home;

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::language::Language;
use crate::page::Area;
use crate::state::WebState;
use crate::unknown::unknown_page;

/// What stands under `/shop`.
pub fn routes() -> Router<WebState> {
    Router::new().route("/", get(home::show)).fallback(unknown)
}

async fn unknown(Language(texts): Language) -> Response {
    unknown_page(texts, Area::Shop, header::header(texts))
}
