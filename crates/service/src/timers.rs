//! `/timers`: what a service will do later, for operators to see, and to retry or discard what has failed.

mod types;

use axum::extract::State;
use axum::http::StatusCode;
use bus::timers;
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Path, Query};
use crate::openapi::problem_responses::WithProblems;
use crate::problem_json::Problem;
use crate::shared_problems::NO_FAILED_TIMER;

use types::{ListQuery, RetriedTimers, RetryTimers, Timer};

/// The routes, without their guard.
pub(crate) fn routes(pool: PgPool) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(retry_all))
        .routes(routes!(retry).with_problems(&[NO_FAILED_TIMER]))
        .routes(routes!(discard).with_problems(&[NO_FAILED_TIMER]))
        .with_state(pool)
}

/// List the timers
///
/// By kind, those that are due first before others. Unless a state or a key is given, only those that have failed.
#[utoipa::path(
    get, path = "/timers", operation_id = "list_timers",
    params(ListQuery),
    responses(
        (status = 200, description = "The timers", body = Vec<Timer>),
    ),
)]
async fn list(
    State(pool): State<PgPool>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Vec<Timer>>, Problem> {
    let timers = timers::list(&pool, &query.into()).await?;
    Ok(Json(timers.into_iter().map(Timer::from).collect()))
}

/// Retry a timer that has failed
///
/// It is retried within moments, and has all its retries before it. If that succeeds, it leaves the list.
#[utoipa::path(
    post, path = "/timers/{id}/retry", operation_id = "retry_timer",
    params(("id" = i64, Path, description = "The timer")),
    responses(
        (status = 202, description = "It will be tried again"),
    ),
)]
async fn retry(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    if timers::retry(&pool, id).await? { Ok(StatusCode::ACCEPTED) } else { Err(has_not_failed(id)) }
}

/// Retry all timers of a kind that wait for an operator
#[utoipa::path(
    post, path = "/timers/retry", operation_id = "retry_timers",
    request_body = RetryTimers,
    responses(
        (status = 200, description = "They will be tried again", body = RetriedTimers),
    ),
)]
async fn retry_all(
    State(pool): State<PgPool>,
    Json(which): Json<RetryTimers>,
) -> Result<Json<RetriedTimers>, Problem> {
    let timers = timers::retry_all(&pool, which.kind.as_str()).await?;
    Ok(Json(RetriedTimers { timers }))
}

/// Discard a timer that has failed
///
/// It never fires.
#[utoipa::path(
    post, path = "/timers/{id}/discard", operation_id = "discard_timer",
    params(("id" = i64, Path, description = "The timer")),
    responses(
        (status = 204, description = "It is discarded"),
    ),
)]
async fn discard(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    if timers::discard(&pool, id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(has_not_failed(id)) }
}

fn has_not_failed(id: i64) -> Problem {
    NO_FAILED_TIMER.problem(format!(
        "no timer {id} has failed: it may have fired, been set again or been discarded meanwhile. List the timers."
    ))
}
