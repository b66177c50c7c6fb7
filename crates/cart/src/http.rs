//! The storefront's REST: carts and their items.

mod cart_body;
mod carts;
mod email;
mod items;
mod key;
mod language;
mod preference;
mod problems;
mod shopper;
mod state;
mod writing;

use axum::middleware::from_fn;
use service::{WithProblems, limit_carts};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use cart_body::render_cart;
use problems::{
    BAD_IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_REUSED, NOT_IN_CART, OTHER_CURRENCY, QUANTITY_TOO_LARGE,
    QUANTITY_TOO_SMALL, RETIRED_PRODUCT, TOO_EXPENSIVE, TOO_MANY_LINES, UNKNOWN_SKU,
};
pub(crate) use state::RouteState;

/// The routes, each with its own problems.
pub(crate) fn routes(state: RouteState) -> OpenApiRouter {
    let of_key = [BAD_IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_REUSED];
    let of_product = [OTHER_CURRENCY, TOO_MANY_LINES];
    let of_quantity = [QUANTITY_TOO_SMALL, QUANTITY_TOO_LARGE, TOO_EXPENSIVE, UNKNOWN_SKU, RETIRED_PRODUCT];
    let opening =
        OpenApiRouter::new().routes(routes!(carts::open).with_problems(&of_key)).layer(from_fn(limit_carts));
    OpenApiRouter::new()
        .merge(opening)
        .routes(routes!(carts::get))
        .routes(routes!(carts::attach_shopper).with_problems(&of_key))
        .routes(
            routes!(items::add).with_problems(&of_key).with_problems(&of_product).with_problems(&of_quantity),
        )
        .routes(
            routes!(items::set_quantity)
                .with_problems(&of_key)
                .with_problems(&of_quantity)
                .with_problems(&[NOT_IN_CART]),
        )
        .routes(routes!(items::remove).with_problems(&of_key).with_problems(&[NOT_IN_CART]))
        .with_state(state)
}
