//! The events that services could not process: to find, to open, and to decide on, one or all that match.

mod deciding;
mod detail;
mod filter;
mod list;
mod matching;

use axum::Router;
use axum::routing::{get, post};

use crate::state::WebState;

/// What is under `/console/parked`.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(list::show))
        .route("/matching", get(matching::preview).post(matching::decide))
        .route("/{service}/{id}", get(detail::show))
        .route("/{service}/{id}/{action}", post(detail::decide))
}
