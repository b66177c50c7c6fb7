//! The storefront's REST: carts and their items.

mod admin_carts;
mod cart_body;
mod carts;
mod conditions;
mod email;
mod fields;
mod history;
mod idempotency_key;
mod items;
mod language;
mod line_body;
mod many_items;
mod merging;
mod money_body;
mod note;
mod past_version;
mod prefer_header;
mod prices;
mod problems;
mod read_cart;
mod saved_items;
mod shopper;
mod state;
mod stock_body;
mod token_rotation;
mod writing;

use axum::middleware::from_fn;
use service::shared_problems::UNKNOWN_CART;
use service::{ProblemType, WithProblems, limit_carts};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

pub(crate) use cart_body::render_cart;
use problems::{
    BAD_IDEMPOTENCY_KEY, CART_ENDED, IDEMPOTENCY_KEY_REUSED, MERGED_INTO_ITSELF, NOT_EXPIRED, NOT_IN_CART,
    NOT_SAVED, NOTES_TOO_LONG, OTHER_CURRENCY, QUANTITY_TOO_LARGE, QUANTITY_TOO_SMALL, RETIRED_PRODUCT,
    TOO_EXPENSIVE, TOO_MANY_ITEMS, TOO_MANY_LINES, UNKNOWN_SKU, UNKNOWN_VERSION, VERSION_CHANGED,
};
pub(crate) use state::RouteState;

const OF_KEY: [ProblemType; 2] = [BAD_IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_REUSED];
const OF_ROOM: [ProblemType; 4] = [OTHER_CURRENCY, TOO_MANY_LINES, QUANTITY_TOO_LARGE, TOO_EXPENSIVE];
const OF_PRODUCT: [ProblemType; 2] = [UNKNOWN_SKU, RETIRED_PRODUCT];

/// The shoppers' routes, each with its own problems.
pub(crate) fn routes(state: RouteState) -> OpenApiRouter {
    let reopening = routes!(carts::reopen).with_problems(&OF_KEY).with_problems(&[CART_ENDED, NOT_EXPIRED]);
    let opening = OpenApiRouter::new()
        .routes(routes!(carts::open).with_problems(&OF_KEY))
        .routes(reopening)
        .layer(from_fn(limit_carts));
    OpenApiRouter::new()
        .merge(opening)
        .routes(routes!(carts::get).with_problems(&[CART_ENDED]))
        .routes(routes!(history::history))
        .routes(routes!(past_version::version).with_problems(&[UNKNOWN_VERSION]))
        .routes(routes!(token_rotation::rotate).with_problems(&[BAD_IDEMPOTENCY_KEY]))
        .routes(change(routes!(carts::delete), &[]))
        .routes(change(routes!(carts::attach_shopper), &[]))
        .routes(change(routes!(note::set), &[]))
        .routes(change(routes!(prices::seen), &[]))
        .routes(
            change(routes!(merging::merge), &OF_ROOM).with_problems(&[NOTES_TOO_LONG, MERGED_INTO_ITSELF]),
        )
        .merge(of_items())
        .with_state(state)
}

fn of_items() -> OpenApiRouter<RouteState> {
    let adding =
        |route| change(route, &OF_ROOM).with_problems(&OF_PRODUCT).with_problems(&[QUANTITY_TOO_SMALL]);
    OpenApiRouter::new()
        .routes(adding(routes!(items::add)))
        .routes(adding(routes!(many_items::add_many)).with_problems(&[TOO_MANY_ITEMS]))
        .routes(adding(routes!(items::put)))
        .routes(adding(routes!(items::set_quantity)).with_problems(&[NOT_IN_CART]))
        .routes(change(routes!(items::set_fields), &[NOT_IN_CART]))
        .routes(change(routes!(items::remove), &[NOT_IN_CART]))
        .routes(change(routes!(items::clear), &[]))
        .routes(change(routes!(saved_items::save), &[NOT_IN_CART, TOO_MANY_LINES, QUANTITY_TOO_LARGE]))
        .routes(
            change(routes!(saved_items::move_back), &OF_ROOM)
                .with_problems(&OF_PRODUCT)
                .with_problems(&[NOT_SAVED]),
        )
        .routes(change(routes!(saved_items::remove), &[NOT_SAVED]))
}

/// A route that changes a cart.
fn change(route: UtoipaMethodRouter<RouteState>, problems: &[ProblemType]) -> UtoipaMethodRouter<RouteState> {
    route.with_problems(&OF_KEY).with_problems(&[CART_ENDED, VERSION_CHANGED]).with_problems(problems)
}

/// The operators' routes.
pub(crate) fn routes_for_operators(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(token_rotation::revoke).with_problems(&[UNKNOWN_CART]))
        .routes(routes!(admin_carts::get).with_problems(&[UNKNOWN_CART]))
        .routes(routes!(admin_carts::history).with_problems(&[UNKNOWN_CART]))
        .with_state(state)
}
