use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;

use super::json::read_to_end;
use crate::problem_json::Problem;

/// A body that is a file, as it came. Its type is for the handler to judge.
pub struct File {
    /// Its content type, in small letters and without parameters: `text/csv`; empty, if the request doesn't say.
    pub content_type: String,
    /// What is in it.
    pub content: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let content_type = essence.to_ascii_lowercase();
        Ok(Self { content_type, content: read_to_end(request, state).await? })
    }
}
