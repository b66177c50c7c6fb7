//! The storefront.

mod cards;
mod cart;
mod categories;
mod changes;
mod failed;
mod header;
mod home;
mod notices;
mod pictures;
mod product;
mod query;
mod sample;
mod search;
mod suggest;
mod visit;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::state::WebState;

pub use categories::Categories;

/// What is under `/shop`.
pub fn routes(state: &WebState) -> Router<WebState> {
    let pages = Router::new()
        .route("/", get(home::show))
        .route("/search", get(search::show))
        .route("/category/{*category}", get(search::show_category))
        .route("/suggest", get(suggest::show))
        .route("/products/{sku}", get(product::show))
        .route("/cart", get(cart::show))
        .route("/cart/add", post(changes::add))
        .route("/cart/change", post(changes::change))
        .route("/cart/reopen", post(changes::reopen))
        .route("/cart/merge", post(changes::merge))
        .route("/cart/email", post(changes::attach))
        .route("/sample", post(sample::load))
        .fallback(failed::unknown)
        .layer(from_fn_with_state(state.clone(), visit::visitor));
    pages.route("/pictures/{picture}", get(pictures::show))
}
