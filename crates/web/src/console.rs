//! The console of those who run the shop.

mod header;
mod overview;
mod signed_in;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;

use crate::language::Language;
use crate::page::Area;
use crate::state::WebState;
use crate::unknown::unknown_page;

/// What stands under `/console`.
pub fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/", get(overview::show))
        .route_layer(from_fn_with_state(state.clone(), signed_in::signed_in))
        .fallback(unknown)
}

async fn unknown(Language(texts): Language) -> Response {
    unknown_page(texts, Area::Console, header::header(texts))
}
