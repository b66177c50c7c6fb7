//! The REST API.

mod entries;
mod problems;
mod receipts;
mod state;
mod stock;
mod types;

use axum::extract::DefaultBodyLimit;
use bus::Outbox;
use service::WithProblems;
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use problems::{
    DUPLICATE_SKU, NO_ITEMS, RECEIPT_DIFFERS, TOO_MANY_ENTRIES, TOO_MUCH_STOCK, UNKNOWN_SKU, WRONG_QUANTITY,
};
use state::RouteState;

/// The longest body of a list, in bytes: the most entries that fit, each with the longest SKU and generous spacing.
const LIST_LIMIT: usize = 4 * 1024 * 1024;

/// The routes for everybody, and those for operators; each with its own problems.
pub(crate) fn routes(pool: PgPool, outbox: Outbox) -> (OpenApiRouter, OpenApiRouter) {
    let state = RouteState { pool, outbox };
    let of_list = [DUPLICATE_SKU, WRONG_QUANTITY, TOO_MUCH_STOCK, TOO_MANY_ENTRIES];
    let of_receipt = [NO_ITEMS, RECEIPT_DIFFERS];
    let public = OpenApiRouter::new()
        .routes(routes!(stock::show).with_problems(&[UNKNOWN_SKU]))
        .with_state(state.clone());
    let for_operators = OpenApiRouter::new()
        .routes(routes!(stock::import).with_problems(&of_list))
        .routes(routes!(receipts::receive).with_problems(&of_list).with_problems(&of_receipt))
        .routes(routes!(receipts::list))
        .layer(DefaultBodyLimit::max(LIST_LIMIT))
        .with_state(state);
    (public, for_operators)
}
