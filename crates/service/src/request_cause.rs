use axum::http::HeaderMap;
use envelope::Cause;
use uuid::Uuid;

/// Longer ones are a client's mistake, and would travel with every event that follows.
const LONGEST_REQUEST_ID: usize = 100;
/// The length of version 00 of the W3C trace context.
const TRACEPARENT_LENGTH: usize = 55;

/// A request as the cause of what follows from it: events carry its id and its trace.
#[must_use]
pub fn request_cause(headers: &HeaderMap) -> Cause {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let id = header("x-request-id").filter(|id| !id.is_empty() && id.len() <= LONGEST_REQUEST_ID);
    let started = Cause::started_by(id.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned));
    let trace = header("traceparent").filter(|trace| trace.len() == TRACEPARENT_LENGTH);
    Cause { traceparent: trace.map(str::to_owned), ..started }
}
