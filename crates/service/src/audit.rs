//! `/audit`: what operators did, for whoever asks later; and the writing down of it.
//!
//! What changes something with the admin key is written down before it is done, and marked with how it ended: whatever
//! crashes in between, nothing is done without a trace. Decisions on parked events are written down by `bus` itself, in their
//! own transaction.

mod types;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bus::audit::{self, Decision};
use serde_json::{Value, json};
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Json, Query};
use crate::problem_json::Problem;

use types::{AuditQuery, Done};

/// In which an operator says who they are, form-encoded. With one key for all, it is what they say of themselves.
const OPERATOR: &str = "operator";
/// A longer body is not kept, only its length.
const KEPT: usize = 2048;
const LONGEST_NAME: usize = 100;

/// The routes, without their guard.
pub(crate) fn routes(pool: PgPool) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).with_state(pool)
}

/// List what operators did
///
/// The latest first: what was done with the admin key, by whom (as they say, in the header `Operator`), on what, why, and
/// how it ended. Where `status` is missing in the details, the process ended before it could write it down.
#[utoipa::path(
    get, path = "/audit", operation_id = "list_audit",
    params(AuditQuery),
    responses((status = 200, description = "What was done", body = Vec<Done>)),
)]
async fn list(
    State(pool): State<PgPool>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Vec<Done>>, Problem> {
    let AuditQuery { before, target, limit } = query;
    let target = target.as_ref().map(types::Target::as_str);
    let done = audit::list(&pool, before, target, limit.get().into()).await?;
    Ok(Json(done.into_iter().map(Done::from).collect()))
}

/// For `axum::middleware::from_fn_with_state`, within the guard: writes down what changes something.
pub(crate) async fn write_down(State(pool): State<PgPool>, request: Request, next: Next) -> Response {
    let operator = operator(request.headers());
    let path =
        request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    if request.method().is_safe() || path.contains("/parked") {
        return audit::acting(operator, next.run(request)).await;
    }
    let answered = async {
        let action = format!("{} {path}", request.method());
        let target = request.uri().path().to_owned();
        let reason = reason(&request);
        let (request, body) = kept(request).await;
        let decision =
            Decision { action: &action, target: &target, reason: reason.as_deref(), details: body };
        let number = match audit::begin(&pool, &decision).await {
            Ok(number) => number,
            Err(error) => return Problem::from(error).into_response(),
        };
        let response = next.run(request).await;
        end(&pool, number, response.status()).await;
        response
    };
    audit::acting(operator, answered).await
}

/// What was refused was not done. Who asked has their answer; that it can't be marked is no reason to take it back.
async fn end(pool: &PgPool, number: i64, status: StatusCode) {
    let ended = if status.is_client_error() {
        audit::withdraw(pool, number).await
    } else {
        audit::end(pool, number, &json!({"status": status.as_u16()})).await
    };
    if let Err(error) = ended {
        tracing::warn!(number, %error, "how an operator's action ended could not be written down");
    }
}

fn operator(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(OPERATOR)?.as_bytes();
    let name = form_urlencoded::parse(name).next()?.0.into_owned();
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    Some(name).filter(|name| !name.trim().is_empty())
}

fn reason(request: &Request) -> Option<String> {
    let query = request.uri().query()?;
    let (_, reason) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "reason")?;
    Some(storable(&reason))
}

/// The request as it was, and what of it is kept.
async fn kept(request: Request) -> (Request, Value) {
    let length = request.body().size_hint().exact();
    if length.is_none_or(|length| length > KEPT as u64) {
        return (request, json!({"bytes": length}));
    }
    let (parts, body) = request.into_parts();
    // A body that breaks off is the handler's to refuse.
    let body = to_bytes(body, KEPT).await.unwrap_or_default();
    let sent = serde_json::from_slice::<Value>(&body).ok();
    (
        Request::from_parts(parts, Body::from(body)),
        sent.map_or_else(|| json!({}), |sent| json!({"request": without_addresses(sent)})),
    )
}

/// Who looks at what was done need not see whom mails go to.
fn without_addresses(sent: Value) -> Value {
    match sent {
        Value::String(text) if text.contains('@') => json!("(an address)"),
        Value::String(text) => json!(storable(&text)),
        Value::Array(values) => values.into_iter().map(without_addresses).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (storable(&name), without_addresses(value))).collect()
        }
        other => other,
    }
}

/// No database takes a NUL; the handler refuses the request.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_kept_and_nothing_that_no_database_takes() {
        let sent = json!({"address": "ada@example.test", "items": [{"sku\0": "a\0b", "pieces": 3}]});
        let kept = json!({"address": "(an address)", "items": [{"sku\u{FFFD}": "a\u{FFFD}b", "pieces": 3}]});
        assert_eq!(without_addresses(sent), kept);
    }

    #[test]
    fn a_name_is_what_the_header_says_without_what_would_hide_it() {
        let named = |name: &'static str| {
            operator(&HeaderMap::from_iter([("operator".parse().unwrap(), name.parse().unwrap())]))
        };
        assert_eq!(named("Ada+Lovelace"), Some("Ada Lovelace".to_owned()));
        assert_eq!(named("Zo%C3%AB%0A"), Some("Zoë".to_owned()));
        assert_eq!(named("+"), None);
        assert_eq!(operator(&HeaderMap::new()), None);
    }
}
