//! REST: unsubscribing for everybody; the mail history, failed mails and the suppression list for operators.

mod mails;
mod problems;
mod state;
mod suppressions;
mod types;
mod unsubscribing;

use utoipa_axum::router::OpenApiRouter;

pub use state::RouteState;

/// Routes for everybody, and for operators.
pub fn routes(state: RouteState) -> (OpenApiRouter, OpenApiRouter) {
    let for_operators = mails::routes(state.clone()).merge(suppressions::routes(state.clone()));
    (unsubscribing::routes(state), for_operators)
}
