//! `/parked`: the events that a service could not take, for operators to see and to decide on.

mod types;

use axum::extract::State;
use axum::http::StatusCode;
use bus::parking::{self, ParkingError};
use sqlx::PgPool;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Json, Path, Problem, ProblemBody, Query, keys};
use types::{ParkedDetails, ParkedEvent, Which};

/// The routes, without their guard.
pub(crate) fn routes(pool: PgPool) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(retry))
        .routes(routes!(discard))
        .routes(routes!(release))
        .with_state(pool)
}

/// Says whose parked events these are: every service has the same routes.
pub(crate) fn describe(api: &mut OpenApi, service: &str) {
    keys::all_need_admin_key(api);
    for operation in keys::operations(api) {
        operation.tags = Some(vec![service.to_owned()]);
        operation.operation_id = operation.operation_id.take().map(|name| format!("{service}_{name}"));
    }
}

/// The parked events, the oldest first
///
/// What could not be taken waits here, and the later events of the same subject behind it.
#[utoipa::path(
    get, path = "/parked", operation_id = "list_parked",
    params(Which),
    responses(
        (status = 200, description = "The events", body = Vec<ParkedEvent>),
        (status = 400, description = "`unfitting-query`", body = ProblemBody),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
    ),
)]
async fn list(
    State(pool): State<PgPool>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<ParkedEvent>>, Problem> {
    let parked = parking::list(&pool, &which.into()).await?;
    Ok(Json(parked.into_iter().map(ParkedEvent::from).collect()))
}

/// A parked event with its body
#[utoipa::path(
    get, path = "/parked/{id}", operation_id = "show_parked",
    params(("id" = i64, Path, description = "The parked event")),
    responses(
        (status = 200, description = "The event", body = ParkedDetails),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 404, description = "`not-parked`", body = ProblemBody),
    ),
)]
async fn show(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<ParkedDetails>, Problem> {
    Ok(Json(parking::show(&pool, id).await?.into()))
}

/// Tries a parked event again now
///
/// It is tried within moments; whether it worked shows in the list. Those behind it follow.
#[utoipa::path(
    post, path = "/parked/{id}/retry", operation_id = "retry_parked",
    params(("id" = i64, Path, description = "The parked event")),
    responses(
        (status = 202, description = "It is tried"),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 404, description = "`not-parked`", body = ProblemBody),
        (status = 409, description = "`not-first`, `events-missing`: the detail says what to decide on first",
         body = ProblemBody),
    ),
)]
async fn retry(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    parking::retry(&pool, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Gives a parked event up
///
/// The service never takes it; its body is gone from here (the event log may still have it). Those behind it follow.
#[utoipa::path(
    post, path = "/parked/{id}/discard", operation_id = "discard_parked",
    params(("id" = i64, Path, description = "The parked event")),
    responses(
        (status = 204, description = "It is given up"),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 404, description = "`not-parked`", body = ProblemBody),
        (status = 409, description = "`not-first`, `events-missing`: the detail says what to decide on first",
         body = ProblemBody),
    ),
)]
async fn discard(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    parking::discard(&pool, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives up the events that a parked one waits for
///
/// For events that are lost: neither the queue nor the event log has them. The service never takes them, and goes on
/// with this one.
#[utoipa::path(
    post, path = "/parked/{id}/release", operation_id = "release_parked",
    params(("id" = i64, Path, description = "The parked event")),
    responses(
        (status = 204, description = "The missing ones are given up"),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 404, description = "`not-parked`", body = ProblemBody),
        (status = 409, description = "`not-first`, `nothing-missing`: the detail says what to do", body = ProblemBody),
    ),
)]
async fn release(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    parking::release(&pool, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ParkingError> for Problem {
    fn from(error: ParkingError) -> Self {
        let detail = format!("{error}.");
        let conflict = |kind| Self::new(StatusCode::CONFLICT, kind, detail.clone());
        match error {
            ParkingError::NotParked(_) => Self::not_found("not-parked", detail),
            ParkingError::NotFirst { .. } => conflict("not-first"),
            ParkingError::Missing { .. } => conflict("events-missing"),
            ParkingError::NothingMissing(_) => conflict("nothing-missing"),
            ParkingError::Database(error) => error.into(),
        }
    }
}
