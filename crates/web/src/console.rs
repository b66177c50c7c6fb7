//! The console of those who run the shop.

mod api;
mod audit;
mod body;
mod carts;
mod dead_letters;
mod done;
mod encoded;
mod events;
mod flow;
mod form;
mod header;
mod mails;
mod message;
mod numbers;
mod page;
mod parked;
mod reason;
mod session;
mod sign_in;
mod signed_in;
mod state;
mod stock;
mod table;
mod time;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};

use crate::language::Language;
use crate::not_found::not_found_page;
use crate::page::Area;
use crate::state::WebState;

pub use state::ConsoleState;

/// What is under `/console`. Only who has signed in sees more than how to.
pub fn routes(state: &WebState) -> Router<WebState> {
    Router::new()
        .route("/", get(async || Redirect::to("/console/flow")))
        .route("/flow", get(flow::show))
        .route("/flow/now", get(flow::now))
        .route("/numbers", get(numbers::show))
        .route("/numbers/now", get(numbers::now))
        .route("/events", get(events::find))
        .route("/events/{id}", get(events::show))
        .nest("/parked", parked::routes())
        .nest("/dead", dead_letters::routes())
        .route("/carts", get(carts::find))
        .route("/carts/{id}", get(carts::show))
        .route("/carts/{id}/revoke", post(carts::revoke))
        .route("/stock", get(stock::show))
        .route("/stock/free", post(stock::free))
        .route("/stock/adjust", post(stock::adjust))
        .route("/mails", get(mails::show).post(mails::send_again))
        .route("/audit", get(audit::show))
        .route("/sign-out", get(sign_in::ask_to_sign_out).post(sign_in::sign_out))
        .route_layer(from_fn_with_state(state.clone(), signed_in::signed_in))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .fallback(unknown)
}

async fn unknown(Language(texts): Language) -> Response {
    not_found_page(texts, Area::Console, header::header(texts, None, ""))
}

#[cfg(test)]
mod tests;
