//! `/dead-letters`: what RabbitMQ gave up delivering to a service, and what the service took for no event, for operators to
//! see, to take back and to discard.

mod types;

use std::time::Duration;

use axum::extract::State;
use bus::{BusError, OwnDeadLetters};
use tracing::warn;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Path, Query};
use crate::openapi::problem_responses::WithProblems;
use crate::parked::ReasonQuery;
use crate::problem_json::Problem;
use crate::shared_problems::{NO_DEAD_LETTER, UNAVAILABLE};

use types::{DeadLetter, DeadLetterDetails, LetterId, ListQuery, SettledLetters};

/// A connection may be half open.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The routes, without their guard.
pub(crate) fn routes(letters: OwnDeadLetters) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(take_back_all))
        .routes(routes!(discard_all))
        .routes(routes!(show).with_problems(&[NO_DEAD_LETTER]))
        .routes(routes!(take_back).with_problems(&[NO_DEAD_LETTER]))
        .routes(routes!(discard).with_problems(&[NO_DEAD_LETTER]))
        .with_state(letters)
}

/// List the dead letters
///
/// The oldest first: messages that RabbitMQ gave up delivering to this service, or that the service took for no event. None are
/// there in normal operation.
#[utoipa::path(
    get, path = "/dead-letters", operation_id = "list_dead_letters",
    params(ListQuery),
    responses((status = 200, description = "The dead letters", body = Vec<DeadLetter>)),
)]
async fn list(
    State(letters): State<OwnDeadLetters>,
    Query(ListQuery { limit }): Query<ListQuery>,
) -> Result<Json<Vec<DeadLetter>>, Problem> {
    let found = asked(letters.list(usize::from(limit.get()))).await?;
    Ok(Json(found.into_iter().map(DeadLetter::from).collect()))
}

/// Get a dead letter with its headers and its body
#[utoipa::path(
    get, path = "/dead-letters/{id}", operation_id = "show_dead_letter",
    params(("id" = inline(LetterId), Path, description = "The dead letter")),
    responses((status = 200, description = "The dead letter", body = DeadLetterDetails)),
)]
async fn show(
    State(letters): State<OwnDeadLetters>,
    Path(id): Path<LetterId>,
) -> Result<Json<DeadLetterDetails>, Problem> {
    let opened = asked(letters.open(id.as_str())).await?;
    opened.map(|letter| Json(letter.into())).ok_or_else(|| not_there(id.as_str()))
}

/// Take back a dead letter
///
/// Its events are parked and tried within moments, each alone. What the service has taken before is passed over. A message that is
/// no event stays a dead letter.
#[utoipa::path(
    post, path = "/dead-letters/{id}/take-back", operation_id = "take_back_dead_letter",
    params(("id" = inline(LetterId), Path, description = "The dead letter"), ReasonQuery),
    responses((status = 200, description = "Whether it is taken back", body = SettledLetters)),
)]
async fn take_back(
    State(letters): State<OwnDeadLetters>,
    Path(id): Path<LetterId>,
    Query(ReasonQuery { .. }): Query<ReasonQuery>,
) -> Result<Json<SettledLetters>, Problem> {
    of_one(id.as_str(), asked(letters.take_back(Some(id.as_str()))).await?)
}

/// Take back all dead letters
///
/// Those that are there now, at most 1,000: repeat it while more are.
#[utoipa::path(
    post, path = "/dead-letters/take-back", operation_id = "take_back_dead_letters",
    params(ReasonQuery),
    responses((status = 200, description = "How many are taken back", body = SettledLetters)),
)]
async fn take_back_all(
    State(letters): State<OwnDeadLetters>,
    Query(ReasonQuery { .. }): Query<ReasonQuery>,
) -> Result<Json<SettledLetters>, Problem> {
    Ok(Json(asked(letters.take_back(None)).await?.into()))
}

/// Discard a dead letter
///
/// It is deleted. The service never takes it, unless it is an event that the event log still has and later ones of its subject wait
/// for.
#[utoipa::path(
    post, path = "/dead-letters/{id}/discard", operation_id = "discard_dead_letter",
    params(("id" = inline(LetterId), Path, description = "The dead letter"), ReasonQuery),
    responses((status = 200, description = "It is discarded", body = SettledLetters)),
)]
async fn discard(
    State(letters): State<OwnDeadLetters>,
    Path(id): Path<LetterId>,
    Query(ReasonQuery { .. }): Query<ReasonQuery>,
) -> Result<Json<SettledLetters>, Problem> {
    of_one(id.as_str(), asked(letters.discard(Some(id.as_str()))).await?)
}

/// Discard all dead letters
///
/// Those that are there now, at most 1,000.
#[utoipa::path(
    post, path = "/dead-letters/discard", operation_id = "discard_dead_letters",
    params(ReasonQuery),
    responses((status = 200, description = "How many are discarded", body = SettledLetters)),
)]
async fn discard_all(
    State(letters): State<OwnDeadLetters>,
    Query(ReasonQuery { .. }): Query<ReasonQuery>,
) -> Result<Json<SettledLetters>, Problem> {
    Ok(Json(asked(letters.discard(None)).await?.into()))
}

/// What the queue answers. A service that listens to nobody has none, and so no dead letters.
async fn asked<T: Default>(question: impl Future<Output = Result<T, BusError>>) -> Result<T, Problem> {
    match tokio::time::timeout(TIMEOUT, question).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(BusError::Missing(_))) => Ok(T::default()),
        Ok(Err(error)) => {
            warn!(%error, "the dead letters can't be read");
            Err(silent())
        }
        Err(_) => Err(silent()),
    }
}

fn silent() -> Problem {
    UNAVAILABLE.problem(
        "RabbitMQ does not answer, or does not let the service read its dead letters; the service's log says which. `cartwheel doctor` names the permissions that its user needs.",
    )
}

fn of_one(id: &str, settled: bus::SettledDeadLetters) -> Result<Json<SettledLetters>, Problem> {
    if settled == bus::SettledDeadLetters::default() {
        return Err(not_there(id));
    }
    Ok(Json(settled.into()))
}

fn not_there(id: &str) -> Problem {
    NO_DEAD_LETTER.problem(format!(
        "'{id}' is none of the first 1,000 dead letters: it may have been decided on meanwhile. List the dead letters."
    ))
}
