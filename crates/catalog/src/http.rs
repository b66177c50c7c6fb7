//! The catalog over REST.

mod exporting;
mod fields;
mod importing;
mod prices;
mod problems;
mod queries;
mod reading;
mod searching;
mod state;
mod types;
mod writing;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use service::{CacheSeconds, WithProblems, cached};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use problems::{
    CONFLICTING_QUERY, INVALID_PRODUCT, SKU_TAKEN, TOO_MANY_PRODUCTS, UNKNOWN_IMPORT, UNKNOWN_SKU,
    UNREADABLE_FILE,
};
pub use state::RouteState;

/// Bytes: an import of as many products as there may be, with descriptions of a usual length.
const IMPORT_BODY_LIMIT: usize = 32 * 1024 * 1024;

/// The routes for everybody, and those for operators; each with its own problems.
pub fn routes(state: RouteState, cache_seconds: u32) -> (OpenApiRouter, OpenApiRouter) {
    let public = OpenApiRouter::new()
        .routes(routes!(reading::list).with_problems(&[CONFLICTING_QUERY]))
        .routes(routes!(searching::search).with_problems(&[CONFLICTING_QUERY]))
        .routes(routes!(reading::show).with_problems(&[UNKNOWN_SKU]))
        .routes(routes!(prices::prices).with_problems(&[UNKNOWN_SKU]))
        .layer(from_fn_with_state(CacheSeconds(cache_seconds), cached))
        .with_state(state.clone());
    let import = OpenApiRouter::new()
        .routes(routes!(writing::import).with_problems(&[INVALID_PRODUCT, TOO_MANY_PRODUCTS]))
        .layer(DefaultBodyLimit::max(IMPORT_BODY_LIMIT));
    let files = OpenApiRouter::new()
        .routes(routes!(importing::start).with_problems(&[UNREADABLE_FILE]))
        .layer(DefaultBodyLimit::max(importing::FILE_LIMIT));
    let for_operators = OpenApiRouter::new()
        .routes(routes!(writing::create).with_problems(&[INVALID_PRODUCT, SKU_TAKEN]))
        .routes(routes!(writing::put).with_problems(&[INVALID_PRODUCT]))
        .routes(routes!(writing::retire).with_problems(&[UNKNOWN_SKU]))
        .routes(routes!(importing::show).with_problems(&[UNKNOWN_IMPORT]))
        .routes(routes!(exporting::export))
        .merge(import)
        .merge(files)
        .with_state(state);
    (public, for_operators)
}
