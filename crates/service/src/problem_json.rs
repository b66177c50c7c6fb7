//! Errors as `application/problem+json` (RFC 9457).

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bus::SqlErrorKind;
use serde::Serialize;
use tracing::{error, warn};
use utoipa::ToSchema;

use crate::shared_problems::{INTERNAL, UNAVAILABLE, UNKNOWN_CART};

/// A type of problem that a route can answer with. [`problems!`](crate::problems!) declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// A stable name for programs: `unknown-sku`.
    pub name: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// When it is answered, for the API's description.
    pub meaning: &'static str,
}

/// Declares types of problems: what each means, its name, its status. A problem can be made of a declared type only,
/// and the API's description is derived from the declaration.
#[macro_export]
macro_rules! problems {
    ($(#[doc = $meaning:literal] $constant:ident: $status:literal $name:literal;)*) => {
        $(#[doc = $meaning]
        pub const $constant: $crate::ProblemType =
            $crate::ProblemType { name: $name, status: $status, meaning: $meaning };)*
    };
}

/// What is wrong with a request, for the client: the type of problem, and what to do about it.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemType,
    // Boxed, since a problem is moved through every handler's result.
    detail: Box<str>,
    field: Option<Box<str>>,
    errors: Box<[FieldError]>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The most that an answer names one by one.
const MOST_ERRORS: usize = 100;

/// One of several things that are wrong with a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// What is wrong and what to do about it.
    pub detail: String,
    /// The field of the body that doesn't fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "[3].sku", nullable = false)]
    pub field: Option<String>,
}

/// A problem's body.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The type of problem: `/problems/unknown-sku`.
    #[schema(example = "/problems/unknown-sku")]
    pub r#type: String,
    /// The HTTP status again.
    #[schema(example = 422)]
    pub status: u16,
    /// The type in words.
    pub title: String,
    /// What is wrong with this request and what to do about it.
    pub detail: String,
    /// The field of the body, the parameter or the header that doesn't fit, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "items[0].sku")]
    pub field: Option<String>,
    /// Where several entries of a list are wrong: what is wrong with each, the first included. At most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl ProblemType {
    /// A problem of this type; `detail` says what is wrong with the request and what to do.
    #[must_use]
    pub fn problem(&self, detail: impl Into<String>) -> Problem {
        Problem {
            kind: *self,
            detail: detail.into().into(),
            field: None,
            errors: Box::default(),
            headers: Vec::new(),
        }
    }

    /// The body of a problem of this type.
    pub(crate) fn body(&self, detail: String, field: Option<String>) -> ProblemBody {
        let (r#type, title) = (format!("/problems/{}", self.name), self.name.replace('-', " "));
        ProblemBody { r#type, status: self.status, title, detail, field, errors: Vec::new() }
    }
}

impl Problem {
    /// 503: nothing is wrong with the request; it may be repeated.
    #[must_use]
    pub fn unavailable() -> Self {
        UNAVAILABLE.problem(
            "The service can't do this right now. Repeat the request, with the same Idempotency-Key if it is a write.",
        )
    }

    /// 500. The cause is for the caller to log.
    #[must_use]
    pub fn internal() -> Self {
        INTERNAL.problem(
            "Something went wrong on our side. The x-request-id of this response identifies it in our logs.",
        )
    }

    /// 404: the same for a cart that doesn't exist and for a wrong token.
    #[must_use]
    pub fn unknown_cart() -> Self {
        UNKNOWN_CART.problem("There is no such cart, or the token does not open it.")
    }

    /// The first of several problems, which names the others too. An internal one when there are none.
    #[must_use]
    pub fn first_of(problems: Vec<Self>) -> Self {
        let error = |problem: &Self| FieldError {
            detail: problem.detail.to_string(),
            field: problem.field.as_deref().map(str::to_owned),
        };
        let errors = match problems.as_slice() {
            [_, _, ..] => problems.iter().take(MOST_ERRORS).map(error).collect(),
            _ => Box::default(),
        };
        problems.into_iter().next().map_or_else(Self::internal, |first| Self { errors, ..first })
    }

    /// With the field of the body, the parameter or the header that doesn't fit.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into().into()), ..self }
    }

    /// With a header that helps the client on.
    #[must_use]
    pub fn with(mut self, header: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (header, value)));
        self
    }

    /// The type of problem.
    #[must_use]
    pub fn problem_type(&self) -> ProblemType {
        self.kind
    }

    /// What is wrong with this request and what to do about it.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    /// The response carries the type also as an extension, for layers to see.
    fn into_response(self) -> Response {
        let Self { kind, detail, field, errors, headers } = self;
        let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::Json(ProblemBody {
            errors: errors.into(),
            ..kind.body(detail.into(), field.map(Into::into))
        });
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        response.extensions_mut().insert(kind);
        response.headers_mut().extend(headers);
        response
    }
}

impl From<sqlx::Error> for Problem {
    /// The one place where a request's database error is logged.
    fn from(error: sqlx::Error) -> Self {
        match SqlErrorKind::of(&error) {
            SqlErrorKind::Outage | SqlErrorKind::Limit => {
                warn!(%error, "the database could not serve a request");
                Self::unavailable()
            }
            SqlErrorKind::Data | SqlErrorKind::Schema => {
                error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}

impl From<bus::OutboxError> for Problem {
    fn from(error: bus::OutboxError) -> Self {
        match error {
            bus::OutboxError::Database(error) => error.into(),
            error => {
                error!(%error, "an event can't be written");
                Self::internal()
            }
        }
    }
}

impl From<serde_json::Error> for Problem {
    /// An answer that can't be written as JSON, or a stored one that can't be read.
    fn from(error: serde_json::Error) -> Self {
        error!(%error, "an answer can't be written as JSON");
        Self::internal()
    }
}
