//! The catalog over REST.

mod problems;
mod reading;
mod state;
mod types;
mod writing;

use axum::extract::DefaultBodyLimit;
use bus::Outbox;
use service::WithProblems;
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use problems::{INVALID_PRODUCT, TOO_MANY_PRODUCTS, UNKNOWN_SKU};
use state::RouteState;

/// Bytes: an import of as many products as there may be, with descriptions of a usual length.
const IMPORT_BODY_LIMIT: usize = 32 * 1024 * 1024;

/// The routes for everybody, and those for operators; each with its own problems.
pub fn routes(pool: PgPool, outbox: Outbox) -> (OpenApiRouter, OpenApiRouter) {
    let state = RouteState { pool, outbox };
    let public = OpenApiRouter::new()
        .routes(routes!(reading::list))
        .routes(routes!(reading::show).with_problems(&[UNKNOWN_SKU]))
        .with_state(state.clone());
    let import = OpenApiRouter::new()
        .routes(routes!(writing::import).with_problems(&[INVALID_PRODUCT, TOO_MANY_PRODUCTS]))
        .layer(DefaultBodyLimit::max(IMPORT_BODY_LIMIT));
    let for_operators = OpenApiRouter::new()
        .routes(routes!(writing::put).with_problems(&[INVALID_PRODUCT]))
        .routes(routes!(writing::retire).with_problems(&[UNKNOWN_SKU]))
        .merge(import)
        .with_state(state);
    (public, for_operators)
}
