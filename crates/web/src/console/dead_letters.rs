//! Dead letters: what RabbitMQ gave up delivering to a service, and what a service took for no event. To open, to take back and to
//! discard, one or all of a service.

mod action;
mod deciding;
mod detail;
mod letter;
mod list;

use axum::Router;
use axum::routing::{get, post};

use crate::state::WebState;

pub use list::list;

/// What is under `/console/dead`.
pub fn routes() -> Router<WebState> {
    Router::new()
        .route("/{service}/{id}", get(detail::show))
        .route("/{service}/{id}/{action}", post(deciding::decide))
        .route("/{service}/all/{action}", post(deciding::decide_on_all))
}
