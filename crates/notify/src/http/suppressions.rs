//! The suppression list, for operators.

use axum::extract::State;
use axum::http::StatusCode;
use service::{Json, MailAddress, Path, Problem, Query, WithProblems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problems::{BAD_ADDRESS, UNKNOWN_SUPPRESSION, bad_address, unknown_suppression};
use super::state::RouteState;
use super::types::{Suppress, SuppressionFilter, Suppressions};
use crate::address::MaskedAddress;
use crate::store::{SuppressedAddress, SuppressedBy};
use crate::suppression_metrics::suppressed_addresses;

/// The routes.
pub(super) fn routes(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, suppress).with_problems(&[BAD_ADDRESS]))
        .routes(routes!(end).with_problems(&[UNKNOWN_SUPPRESSION]))
        .with_state(state)
}

/// List the suppressed addresses
///
/// They get no emails, because their readers have unsubscribed or an operator says so.
#[utoipa::path(
    get,
    path = "/suppressions",
    operation_id = "list_suppressions",
    tag = "notify",
    params(SuppressionFilter),
    responses((status = 200, description = "Suppressed addresses, masked", body = Suppressions))
)]
async fn list(
    State(state): State<RouteState>,
    Query(SuppressionFilter { after, limit }): Query<SuppressionFilter>,
) -> Result<Json<Suppressions>, Problem> {
    let rows = i64::try_from(limit.one_more()).unwrap_or(i64::MAX);
    let mut suppressions = state.store.suppressions(after.unwrap_or(0), rows).await?;
    let next = limit.cut(&mut suppressions).map(|last| last.id);
    Ok(Json(Suppressions { suppressions, next }))
}

/// Suppress an address
///
/// It gets no more emails; those that are queued are not sent.
#[utoipa::path(
    post,
    path = "/suppressions",
    operation_id = "suppress",
    tag = "notify",
    request_body = Suppress,
    responses((status = 200, description = "It is suppressed, or was before", body = SuppressedAddress))
)]
async fn suppress(
    State(state): State<RouteState>,
    Json(Suppress { address }): Json<Suppress>,
) -> Result<Json<SuppressedAddress>, Problem> {
    let address = address.as_str();
    address.trim().parse::<MailAddress>().map_err(bad_address)?;
    let suppression = state.store.suppress(&MaskedAddress::of(address), SuppressedBy::Operator).await?;
    suppressed_addresses(SuppressedBy::Operator).increment(1);
    Ok(Json(suppression))
}

/// Send emails to a suppressed address again
#[utoipa::path(
    delete,
    path = "/suppressions/{id}",
    operation_id = "end_suppression",
    tag = "notify",
    params(("id" = i64, Path, description = "The suppressed address, from the list")),
    responses((status = 204, description = "It gets emails again"))
)]
async fn end(State(state): State<RouteState>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    if state.store.end_suppression(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown_suppression(id))
    }
}
