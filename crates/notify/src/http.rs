//! REST, for operators: the mail history, and sending failed mails again.

mod mails;
mod problems;
mod state;
mod types;

use utoipa_axum::router::OpenApiRouter;

pub use state::RouteState;

/// Routes for everybody (none), and for operators.
pub fn routes(state: RouteState) -> (OpenApiRouter, OpenApiRouter) {
    (OpenApiRouter::new(), mails::routes(state))
}
