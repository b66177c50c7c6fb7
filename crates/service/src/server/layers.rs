use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::request_id::{MakeRequestUuid, RequestId};
use tower_http::trace::TraceLayer;

use super::cors::Cors;
use crate::problem_json::Problem;
use crate::shared_problems::{ENCODED_BODY, UNKNOWN_PATH, WRONG_METHOD};

/// The longest body of an ordinary request, in bytes. A route that takes more sets its own limit.
const BODY_LIMIT: usize = 64 * 1024;

/// What every request passes, from the outside in: a request id, a log span, what browsers may do, limits, and answers to
/// what fits no route.
pub fn with_layers(router: Router, cors: &Cors) -> Router {
    let layers = ServiceBuilder::new()
        .set_x_request_id(MakeRequestUuid)
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .propagate_x_request_id()
        .option_layer(cors.layer())
        .layer(from_fn(refuse_encoded))
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

/// A compressed body would be taken for broken JSON, and a small one can become a huge one.
async fn refuse_encoded(request: Request, next: Next) -> Response {
    let encoding = request.headers().get(CONTENT_ENCODING);
    if encoding.is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return next.run(request).await;
    }
    let problem =
        ENCODED_BODY.problem("The body has a Content-Encoding. Send it as it is, without compression.");
    ([(ACCEPT_ENCODING, "identity")], problem.at("Content-Encoding")).into_response()
}

async fn unknown_path(uri: Uri) -> Problem {
    UNKNOWN_PATH.problem(format!("There is nothing at '{}'. See /docs for what there is.", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    WRONG_METHOD.problem(format!("'{}' does not take {method}. See /docs for what it takes.", uri.path()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::HeaderValue;
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;

    async fn answer(cors: &Cors, header: (&str, &str)) -> Response {
        let request = Request::post("/carts").header(header.0, header.1).body(Body::from("{}")).unwrap();
        with_layers(Router::new().route("/carts", post(async || "done")), cors)
            .oneshot(request)
            .await
            .unwrap()
    }

    /// What a page of this origin is allowed.
    async fn allowed(cors: &Cors, origin: &str) -> Option<HeaderValue> {
        answer(cors, ("origin", origin)).await.headers().get("access-control-allow-origin").cloned()
    }

    #[tokio::test]
    async fn pages_of_other_origins_may_do_what_the_setting_says() {
        let shop = HeaderValue::from_static("https://shop.example");
        let listed = Cors::Origins(vec![shop.clone()]);
        assert_eq!(allowed(&listed, "https://shop.example").await, Some(shop));
        assert_eq!(allowed(&listed, "https://evil.example").await, None);
        assert_eq!(allowed(&Cors::Off, "https://shop.example").await, None);
        assert_eq!(allowed(&Cors::Any, "https://evil.example").await, Some(HeaderValue::from_static("*")));
    }

    #[tokio::test]
    async fn a_compressed_body_is_refused_with_what_is_taken() {
        let refused = answer(&Cors::Off, ("content-encoding", "gzip")).await;
        assert_eq!(refused.status(), 415);
        assert_eq!(refused.headers()["accept-encoding"], "identity");
        assert_eq!(answer(&Cors::Off, ("content-encoding", "Identity")).await.status(), 200);
    }
}
