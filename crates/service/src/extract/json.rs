use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::error_path::ErrorPath;
use super::strict::Strict;
use crate::problem_json::Problem;
use crate::server::Timeouts;
use crate::shared_problems::{BODY_TOO_LONG, MALFORMED_JSON, SLOW_BODY, UNFITTING_BODY, WRONG_CONTENT_TYPE};

/// A JSON body. In a request, an unknown field or a wrong shape is refused, with its name and its place. As
/// `Option<Json<T>>` the body may be left out, or `null`.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        must_be_json(request.headers())?;
        let body = read_to_end(request, state).await?;
        read(&body).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let is_json = must_be_json(request.headers());
        let body = read_to_end(request, state).await?;
        if body.is_empty() {
            return Ok(None);
        }
        is_json?;
        read::<Option<T>>(&body).map(|value| value.map(Self))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

pub(super) async fn read_to_end<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let limit = Timeouts::of(request.extensions()).map_or(Duration::MAX, |timeouts| timeouts.body);
    let body = tokio::time::timeout(limit, Bytes::from_request(request, state)).await;
    let slow = |_| {
        SLOW_BODY.problem(format!("The body did not arrive within {} s. Send it again.", limit.as_secs()))
    };
    Ok(body.map_err(slow)??)
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    if subtype == "json" || subtype.ends_with("+json") {
        return Ok(());
    }
    Err(WRONG_CONTENT_TYPE.problem("The body must be JSON: send it with 'Content-Type: application/json'."))
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return BODY_TOO_LONG.problem("The body is longer than this route accepts. Send less at once.");
        }
        MALFORMED_JSON.problem(format!("The body could not be read to its end: {}.", rejection.body_text()))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| {
        let (place, reason) = (ErrorPath::of(error.path()), error.into_inner());
        let problem = match reason.classify() {
            Category::Data => UNFITTING_BODY.problem(format!("The body doesn't fit{place}: {reason}.")),
            _ => MALFORMED_JSON.problem(format!("The body is not JSON{place}: {reason}.")),
        };
        place.of_problem(problem)
    })?;
    json.end().map_err(|error| MALFORMED_JSON.problem(format!("The body is not JSON: {error}.")))?;
    Ok(value)
}

#[cfg(test)]
mod tests;
