use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, Uri};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::request_id::{MakeRequestUuid, RequestId};
use tower_http::trace::TraceLayer;

use crate::problem::Problem;
use crate::problems::{UNKNOWN_PATH, WRONG_METHOD};

/// The longest body of an ordinary request, in bytes. A route that takes more sets its own limit.
const BODY_LIMIT: usize = 64 * 1024;

/// What every request passes, from the outside in: a request id, a log span, a limit, and answers to what fits no
/// route.
pub fn with_layers(router: Router) -> Router {
    let layers = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .propagate_x_request_id()
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    router.fallback(unknown_path).method_not_allowed_fallback(wrong_method).layer(layers)
}

/// Only the path: a query may hold an address.
fn span(request: &Request) -> tracing::Span {
    let id =
        request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("");
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path(),
                       trace_id = tracing::field::Empty)
}

async fn unknown_path(uri: Uri) -> Problem {
    UNKNOWN_PATH.problem(format!("There is nothing at '{}'. See /docs for what there is.", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    WRONG_METHOD.problem(format!("'{}' does not take {method}. See /docs for what it takes.", uri.path()))
}
