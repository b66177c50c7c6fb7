//! One decision on all parked events that match.

use axum::extract::State;
use bus::parking::{self, Action, Filter, Group};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::types::{ErrorPart, EventType, Reason, Subject};
use crate::extract::Json;
use crate::problem_json::Problem;

/// How many events a request decides on: it takes some seconds.
const AT_ONCE: i64 = 500;

/// Which parked events a decision is about. Of each subject only its first is meant: those behind it were never tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Matching {
    /// Only those of this type.
    #[serde(rename = "type")]
    kind: Option<EventType>,
    /// Only those of this subject.
    subject: Option<Subject>,
    /// Only those whose error contains this text.
    error: Option<ErrorPart>,
    /// Only those that were parked at this time or later.
    from: Option<DateTime<Utc>>,
    /// Only those that were parked before this time.
    until: Option<DateTime<Utc>>,
    /// Why: kept with what was done, for those who look into it later.
    reason: Option<Reason>,
    /// Only say which they are.
    #[serde(default)]
    #[schema(example = true)]
    dry_run: bool,
    /// Go on after these: the `next` of the request before.
    after: Option<i64>,
}

/// Parked events that were decided on, or would be.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// How many they are: at most 500 at a time, and all of them with `dry_run`.
    #[schema(example = 12)]
    pub events: i64,
    /// With `dry_run`, what they are, the most frequent errors first.
    pub groups: Vec<ParkedGroup>,
    /// The value of `after` for the request that goes on; null when all are done.
    pub next: Option<i64>,
}

/// Parked events of one type with the same error.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ParkedGroup {
    /// Their type.
    #[schema(example = "cart.item-added.v1")]
    pub r#type: String,
    /// Why they could not be processed; null where earlier events are missing.
    pub error: Option<String>,
    /// How many they are.
    #[schema(example = 12)]
    pub events: i64,
}

pub(super) fn routes() -> OpenApiRouter<PgPool> {
    OpenApiRouter::new()
        .routes(routes!(retry_matching))
        .routes(routes!(discard_matching))
        .routes(routes!(release_matching))
}

/// Retry parked events that match
///
/// Those that failed, the first of each subject. With `dry_run` the answer says which they are, and nothing happens.
#[utoipa::path(
    post, path = "/parked/retry", operation_id = "retry_matching_parked",
    request_body = Matching,
    responses(
        (status = 200, description = "They will be tried again, or with `dry_run` would be", body = Decided),
    ),
)]
async fn retry_matching(
    State(pool): State<PgPool>,
    Json(which): Json<Matching>,
) -> Result<Json<Decided>, Problem> {
    decide(&pool, Action::Retry, which).await
}

/// Discard parked events that match
///
/// Those that failed, the first of each subject; those behind them follow. With `dry_run` the answer says which they are,
/// and nothing happens.
#[utoipa::path(
    post, path = "/parked/discard", operation_id = "discard_matching_parked",
    request_body = Matching,
    responses(
        (status = 200, description = "They are discarded, or with `dry_run` would be", body = Decided),
    ),
)]
async fn discard_matching(
    State(pool): State<PgPool>,
    Json(which): Json<Matching>,
) -> Result<Json<Decided>, Problem> {
    decide(&pool, Action::Discard, which).await
}

/// Release parked events that match
///
/// Those that wait for lost events, the first of each subject. With `dry_run` the answer says which they are, and nothing
/// happens.
#[utoipa::path(
    post, path = "/parked/release", operation_id = "release_matching_parked",
    request_body = Matching,
    responses(
        (status = 200, description = "They no longer wait, or with `dry_run` would not", body = Decided),
    ),
)]
async fn release_matching(
    State(pool): State<PgPool>,
    Json(which): Json<Matching>,
) -> Result<Json<Decided>, Problem> {
    decide(&pool, Action::Release, which).await
}

async fn decide(pool: &PgPool, action: Action, which: Matching) -> Result<Json<Decided>, Problem> {
    let Matching { kind, subject, error, from, until, reason, dry_run, after } = which;
    let filter = Filter {
        kind: kind.map(Into::into),
        subject: subject.map(Into::into),
        state: None,
        error: error.map(Into::into),
        from,
        until,
    };
    if dry_run {
        let groups = parking::preview(pool, action, &filter).await?;
        let events = groups.iter().map(|group| group.events).sum();
        return Ok(Json(Decided {
            events,
            groups: groups.into_iter().map(Into::into).collect(),
            next: None,
        }));
    }
    let reason = reason.as_ref().map(Reason::as_str);
    let done = parking::decide(pool, action, &filter, reason, after.unwrap_or(0), AT_ONCE).await?;
    Ok(Json(Decided { events: done.events, groups: Vec::new(), next: done.next }))
}

impl From<Group> for ParkedGroup {
    fn from(Group { kind, error, events }: Group) -> Self {
        Self { r#type: kind, error, events }
    }
}
