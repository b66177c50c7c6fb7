use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use super::file::File;
use crate::problem_json::Problem;
use crate::shared_problems::WRONG_CONTENT_TYPE;

/// The names under which spreadsheets and browsers send CSV.
const TYPES: [&str; 4] = ["text/csv", "application/csv", "text/plain", "application/vnd.ms-excel"];

/// A body that is CSV, as it came.
pub struct Csv(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let File { content_type, content } = File::from_request(request, state).await?;
        if !TYPES.contains(&content_type.as_str()) {
            return Err(
                WRONG_CONTENT_TYPE.problem("The body must be CSV: send it with 'Content-Type: text/csv'.")
            );
        }
        Ok(Self(content))
    }
}
