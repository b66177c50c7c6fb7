//! Errors as `application/problem+json` (RFC 9457).

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use problem_details::ProblemDetails;
use tracing::{error, warn};
use utoipa::ToSchema;

/// What went wrong, for the one who asked: which kind, and what to do.
#[derive(Debug, Clone)]
pub struct Problem(Box<ProblemDetails>);

/// A problem's body, for the API's description.
#[derive(ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The kind of problem: `/problems/unknown-sku`.
    #[schema(example = "/problems/unknown-sku")]
    pub r#type: String,
    /// The HTTP status again.
    #[schema(example = 422)]
    pub status: u16,
    /// The kind in words.
    pub title: String,
    /// What is wrong with this request and what to do about it.
    pub detail: String,
}

impl Problem {
    /// `kind` is a stable name for programs: `unknown-sku`; `detail` tells a person what to do.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, detail: impl Into<String>) -> Self {
        let title = kind.replace('-', " ");
        let details = ProblemDetails::from_status_code(status).with_title(title).with_detail(detail);
        let named = match format!("/problems/{kind}").parse::<Uri>() {
            Ok(name) => details.with_type(name),
            Err(_) => details,
        };
        Self(Box::new(named))
    }

    /// 404.
    #[must_use]
    pub fn not_found(kind: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, kind, detail)
    }

    /// 422: understood, but it can't be done.
    #[must_use]
    pub fn refused(kind: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, kind, detail)
    }

    /// 503: nothing is wrong with the request; it may be repeated.
    #[must_use]
    pub fn unavailable() -> Self {
        let detail = "The service can't do this right now. Repeat the request, with the same Idempotency-Key if it \
                      is a write.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }

    /// 500.
    #[must_use]
    pub fn internal() -> Self {
        let detail =
            "Something is wrong on our side. The request id in the answer's headers finds it in our logs.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl From<sqlx::Error> for Problem {
    /// The one place where a request's database error is logged.
    fn from(error: sqlx::Error) -> Self {
        if bus::is_transient(&error) {
            warn!(%error, "the database could not serve a request");
            Self::unavailable()
        } else {
            error!(%error, "a request failed");
            Self::internal()
        }
    }
}

impl From<bus::OutboxError> for Problem {
    fn from(error: bus::OutboxError) -> Self {
        match error {
            bus::OutboxError::Database(error) => error.into(),
            bus::OutboxError::Event(error) => {
                error!(%error, "an event can't be written");
                Self::internal()
            }
        }
    }
}
