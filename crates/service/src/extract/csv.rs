use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;

use super::json::read_to_end;
use crate::problem::Problem;
use crate::problems::WRONG_CONTENT_TYPE;

/// The names under which spreadsheets and browsers send CSV.
const TYPES: [&str; 4] = ["text/csv", "application/csv", "text/plain", "application/vnd.ms-excel"];

/// A body that is CSV, as it came.
pub struct Csv(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !TYPES.contains(&essence.to_ascii_lowercase().as_str()) {
            return Err(
                WRONG_CONTENT_TYPE.problem("The body must be CSV: send it with 'Content-Type: text/csv'.")
            );
        }
        read_to_end(request, state).await.map(Self)
    }
}
