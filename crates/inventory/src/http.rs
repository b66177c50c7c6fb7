//! The REST API.

mod adjustments;
mod changing;
mod count_stock;
mod counts;
mod entries;
mod holds;
mod moved;
mod movements;
mod problems;
mod receipts;
mod sheet;
mod state;
mod stock;
mod stock_of_many;
mod types;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use bus::Outbox;
use service::{CacheSeconds, WithProblems, cached};
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use problems::{
    ADJUSTMENT_DIFFERS, DUPLICATE_SKU, HELD_FOR_CARTS, NO_HOLD, NO_ITEMS, NOT_ON_HAND, RECEIPT_DIFFERS,
    TOO_MANY_ENTRIES, TOO_MUCH_STOCK, UNKNOWN_SKU, UNREADABLE_SHEET, WRONG_LINES, WRONG_QUANTITY,
};
use state::RouteState;

/// The longest body of a list, in bytes: the most entries that fit, each with the longest SKU and generous spacing.
const LIST_LIMIT: usize = 4 * 1024 * 1024;

/// Stock changes all the time; what is two seconds old is good enough to show, and the hold decides.
const STOCK_KEPT: CacheSeconds = CacheSeconds(2);

/// The routes for everybody, and those for operators; each with its own problems.
pub(crate) fn routes(pool: PgPool, outbox: Outbox, low_at: i64) -> (OpenApiRouter, OpenApiRouter) {
    let state = RouteState { pool, outbox, low_at };
    let of_list = [DUPLICATE_SKU, WRONG_QUANTITY, TOO_MUCH_STOCK, TOO_MANY_ENTRIES];
    let of_receipt = [NO_ITEMS, RECEIPT_DIFFERS];
    let of_sheet = [UNREADABLE_SHEET, WRONG_LINES, HELD_FOR_CARTS, TOO_MUCH_STOCK];
    let of_adjustment = [NO_ITEMS, NOT_ON_HAND, HELD_FOR_CARTS, ADJUSTMENT_DIFFERS];
    let cacheable = OpenApiRouter::new()
        .routes(routes!(stock_of_many::show))
        .layer(from_fn_with_state(STOCK_KEPT, cached));
    let public = OpenApiRouter::new()
        .routes(routes!(stock::show).with_problems(&[UNKNOWN_SKU]))
        .merge(cacheable)
        .with_state(state.clone());
    let for_operators = OpenApiRouter::new()
        .routes(routes!(count_stock::import).with_problems(&of_list).with_problems(&[HELD_FOR_CARTS]))
        .routes(routes!(sheet::import).with_problems(&of_sheet))
        .routes(routes!(sheet::export))
        .routes(routes!(receipts::receive).with_problems(&of_list).with_problems(&of_receipt))
        .routes(routes!(receipts::list))
        .routes(routes!(adjustments::adjust).with_problems(&of_list).with_problems(&of_adjustment))
        .routes(routes!(movements::list))
        .routes(routes!(holds::list))
        .routes(routes!(holds::free).with_problems(&[NO_HOLD]))
        .layer(DefaultBodyLimit::max(LIST_LIMIT))
        .with_state(state);
    (public, for_operators)
}
