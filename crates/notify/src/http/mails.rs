//! The mail history, and sending failed mails again.

use axum::extract::State;
use axum::http::StatusCode;
use service::calls::Which;
use service::{Json, Path, Problem, Query, WithProblems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::problems::{
    MAIL_GIVEN_UP, MAIL_NOT_FAILED, UNKNOWN_MAIL, mail_given_up, mail_not_failed, unknown_mail,
};
use super::state::RouteState;
use super::types::{ErrorText, Failed, History, MailFilter, RetryFailed, Retrying};
use crate::mail::message_id;
use crate::store::{Filter, Page, Retried};

/// The most mails that one request sends again.
const MOST_RETRIED: i64 = 10_000;

/// The routes.
pub(super) fn routes(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(history))
        .routes(routes!(retry).with_problems(&[UNKNOWN_MAIL, MAIL_NOT_FAILED, MAIL_GIVEN_UP]))
        .routes(routes!(retry_failed))
        .with_state(state)
}

/// List the emails
///
/// What was sent, what is queued, what failed, and which additions had no shopper to write to.
#[utoipa::path(
    get,
    path = "/mails",
    tag = "notify",
    params(MailFilter),
    responses(
        (status = 200, description = "Emails; addresses are masked", body = History),
    )
)]
async fn history(
    State(RouteState { store, from, .. }): State<RouteState>,
    Query(MailFilter { cart, status, suppressed, error, after, limit }): Query<MailFilter>,
) -> Result<Json<History>, Problem> {
    let limit = limit.get().into();
    let Page { mut mails, next } = store
        .history(Filter { cart, status, suppressed, error: error.map(String::from), after, limit })
        .await?;
    for mail in &mut mails {
        mail.message_id = mail.address.as_ref().map(|_| message_id(mail.event_id, &from));
    }
    Ok(Json(History { mails, next }))
}

/// Send a failed email again
///
/// It is tried at once, and as often as a new one. One that failed long ago has no address any more.
#[utoipa::path(
    post,
    path = "/mails/{event_id}/retry",
    operation_id = "retry_mail",
    tag = "notify",
    params(("event_id" = Uuid, Path, description = "The event that the email is about")),
    responses(
        (status = 202, description = "It will be sent again"),
    )
)]
async fn retry(
    State(RouteState { store, placed, .. }): State<RouteState>,
    Path(event_id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    match store.retry(event_id).await? {
        Retried::Queued => {
            placed.give();
            Ok(StatusCode::ACCEPTED)
        }
        Retried::GivenUp => Err(mail_given_up(event_id)),
        Retried::NotFailed(status) => Err(mail_not_failed(event_id, status)),
        Retried::Unknown => Err(unknown_mail(event_id)),
    }
}

/// Send failed emails again
///
/// All of them, or those that failed with a certain error. With `dry_run` the answer says which they are, and nothing
/// happens.
#[utoipa::path(
    post,
    path = "/mails/retry",
    operation_id = "retry_mails",
    tag = "notify",
    request_body = RetryFailed,
    responses(
        (status = 200, description = "They will be sent again, or with `dry_run` would be", body = Retrying),
    )
)]
async fn retry_failed(
    State(RouteState { store, placed, .. }): State<RouteState>,
    Json(RetryFailed { error, dry_run }): Json<RetryFailed>,
) -> Result<Json<Retrying>, Problem> {
    let which = Which { error: error.as_ref().map(ErrorText::as_str), limit: MOST_RETRIED };
    let failures = store.failures(which).await?;
    let mut mails = failures.iter().map(|failed| failed.calls).sum();
    if !dry_run {
        mails = i64::try_from(store.retry_failed(which).await?).unwrap_or(i64::MAX);
        placed.give();
    }
    let errors = failures.into_iter().map(|failed| Failed { error: failed.error, mails: failed.calls });
    Ok(Json(Retrying { mails, errors: errors.collect() }))
}
