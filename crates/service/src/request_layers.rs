use axum::Router;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use crate::limits::{limit_writes, limit_wrong_tokens};
use crate::problem_json::Problem;
use crate::server::Timeouts;
use crate::telemetry::{Watch, watch};

/// What every request passes, whether a service or a page answers it, from the outside in. The watch is outside: a panic
/// and a time-out count.
pub fn with_request_layers(service: &'static str, router: Router) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(Watch::new(service), watch))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a request panicked");
            Problem::internal().into_response()
        }))
        .layer(from_fn(time_out))
        .layer(from_fn(limit_writes))
        .layer(from_fn(limit_wrong_tokens));
    router.layer(layers)
}

async fn time_out(request: Request, next: Next) -> Response {
    let Some(timeouts) = Timeouts::of(request.extensions()).cloned() else { return next.run(request).await };
    timeouts.limit(has_body(&request), next.run(request)).await.unwrap_or_else(IntoResponse::into_response)
}

fn has_body(request: &Request) -> bool {
    !request.body().is_end_stream()
}
