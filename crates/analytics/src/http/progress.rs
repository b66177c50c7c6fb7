//! How far the figures are.

use axum::extract::State;
use service::{Json, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::RouteState;
use crate::store::Progress;

pub(super) fn routes(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(progress)).with_state(state)
}

/// Show how far the figures are
///
/// When the newest event happened that was counted, and what could not be counted.
#[utoipa::path(
    get,
    path = "/analytics/progress",
    operation_id = "show_analytics_progress",
    tag = "analytics",
    responses(
        (status = 200, description = "How far they are", body = Progress),
    )
)]
async fn progress(State(RouteState { store, .. }): State<RouteState>) -> Result<Json<Progress>, Problem> {
    Ok(Json(store.progress().await?))
}
