//! `/parked`: the events that a service could not process, for operators to see, retry, discard and release.

mod matching;
mod types;

use axum::extract::State;
use axum::http::StatusCode;
use bus::parking::{self, ParkingError};
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Path, Query};
use crate::openapi::problem_responses::WithProblems;
use crate::problem_json::Problem;
use crate::shared_problems::{EVENTS_MISSING, NOT_FIRST, NOT_PARKED, NOTHING_MISSING};

use types::{ListQuery, ParkedDetails, ParkedEvent, Reason};

pub use matching::{Decided, ParkedGroup};
pub(crate) use types::ReasonQuery;

/// The routes, without their guard.
pub(crate) fn routes(pool: PgPool) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show).with_problems(&[NOT_PARKED]))
        .routes(routes!(retry).with_problems(&[NOT_PARKED, NOT_FIRST, EVENTS_MISSING]))
        .routes(routes!(discard).with_problems(&[NOT_PARKED, NOT_FIRST, EVENTS_MISSING]))
        .routes(routes!(release).with_problems(&[NOT_PARKED, NOT_FIRST, NOTHING_MISSING]))
        .merge(matching::routes())
        .with_state(pool)
}

/// List the parked events
///
/// The oldest first. Events that could not be processed wait here, and later events of the same subject behind them.
#[utoipa::path(
    get, path = "/parked", operation_id = "list_parked",
    params(ListQuery),
    responses(
        (status = 200, description = "The events", body = Vec<ParkedEvent>),
    ),
)]
async fn list(
    State(pool): State<PgPool>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<ParkedEvent>>, Problem> {
    let (filter, limit) = query.split();
    let parked = parking::list(&pool, &filter, limit).await?;
    Ok(Json(parked.into_iter().map(ParkedEvent::from).collect()))
}

/// Get a parked event with its body
#[utoipa::path(
    get, path = "/parked/{id}", operation_id = "show_parked",
    params(("id" = i64, Path, description = "The parked event")),
    responses(
        (status = 200, description = "The event", body = ParkedDetails),
    ),
)]
async fn show(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<ParkedDetails>, Problem> {
    Ok(Json(parking::show(&pool, id).await?.into()))
}

/// Retry a parked event
///
/// It is retried within moments. If that succeeds, it leaves the list, and the events behind it follow.
#[utoipa::path(
    post, path = "/parked/{id}/retry", operation_id = "retry_parked",
    params(("id" = i64, Path, description = "The parked event"), ReasonQuery),
    responses(
        (status = 202, description = "It will be tried again"),
    ),
)]
async fn retry(
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
    Query(ReasonQuery { reason }): Query<ReasonQuery>,
) -> Result<StatusCode, Problem> {
    parking::retry(&pool, id, reason.as_ref().map(Reason::as_str)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Discard a parked event
///
/// The service never processes it, and its body is deleted here (the event log may still have it). Those that wait behind
/// it follow.
#[utoipa::path(
    post, path = "/parked/{id}/discard", operation_id = "discard_parked",
    params(("id" = i64, Path, description = "The parked event"), ReasonQuery),
    responses(
        (status = 204, description = "It is discarded"),
    ),
)]
async fn discard(
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
    Query(ReasonQuery { reason }): Query<ReasonQuery>,
) -> Result<StatusCode, Problem> {
    parking::discard(&pool, id, reason.as_ref().map(Reason::as_str)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Release a parked event
///
/// It no longer waits for earlier events. For when these are lost: neither the queue nor the event log has them. The
/// service never processes them, and continues with this one.
#[utoipa::path(
    post, path = "/parked/{id}/release", operation_id = "release_parked",
    params(("id" = i64, Path, description = "The parked event"), ReasonQuery),
    responses(
        (status = 204, description = "It no longer waits for those that are missing"),
    ),
)]
async fn release(
    State(pool): State<PgPool>,
    Path(id): Path<i64>,
    Query(ReasonQuery { reason }): Query<ReasonQuery>,
) -> Result<StatusCode, Problem> {
    parking::release(&pool, id, reason.as_ref().map(Reason::as_str)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ParkingError> for Problem {
    fn from(error: ParkingError) -> Self {
        let detail = format!("{error}.");
        match error {
            ParkingError::NotParked(_) => NOT_PARKED.problem(detail),
            ParkingError::NotFirst { .. } => NOT_FIRST.problem(detail),
            ParkingError::Missing { .. } | ParkingError::Overtakes { .. } => EVENTS_MISSING.problem(detail),
            ParkingError::NothingMissing(_) => NOTHING_MISSING.problem(detail),
            ParkingError::Database(error) => error.into(),
        }
    }
}
