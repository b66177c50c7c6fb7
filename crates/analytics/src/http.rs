//! REST, for operators: figures, top products, events, and what an event caused.

mod bodies;
mod events;
mod figures;
mod problems;
mod progress;
mod state;
mod types;

use utoipa_axum::router::OpenApiRouter;

pub use state::RouteState;

/// All of them are for operators: what a shop turns over is nobody else's business.
pub fn routes(state: RouteState) -> OpenApiRouter {
    figures::routes(state.clone()).merge(events::routes(state.clone())).merge(progress::routes(state))
}
