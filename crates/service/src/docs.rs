//! The page that shows the API, the descriptions that it shows, and what each type of problem means.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::openapi::problem_responses::{DescribedProblem, all_described};
use crate::problem_json::Problem;
use crate::shared_problems::UNKNOWN_PATH;

/// The page has no scripts in its text, but sets styles from its scripts.
const POLICY: &str = "default-src 'none'; connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; \
                      style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page at `/docs/`.
pub(crate) fn page(config: Config<'static>) -> Router {
    let with = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let layers = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(with(CONTENT_SECURITY_POLICY, POLICY))
        .layer(with(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(with(CACHE_CONTROL, "public, max-age=3600"));
    Router::from(SwaggerUi::new("/docs").config(config)).layer(layers)
}

/// The description at `/openapi.json`, written once.
pub(crate) fn description_route(description: &OpenApi) -> Router {
    let json = description.to_json().unwrap_or_default();
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=60")];
    Router::new()
        .route("/openapi.json", get(async move || (headers, json.clone())))
        .layer(CompressionLayer::new())
}

/// What the `type` of a problem leads to: `/problems/unknown-sku`, and `/problems` for all.
pub(crate) fn problem_routes(description: &OpenApi) -> Router {
    Router::new()
        .route("/problems", get(list))
        .route("/problems/{name}", get(show))
        .with_state(Arc::new(all_described(description)))
}

type Described = State<Arc<BTreeMap<String, DescribedProblem>>>;

async fn list(State(problems): Described) -> Response {
    Json(problems.values().collect::<Vec<_>>()).into_response()
}

async fn show(State(problems): Described, Path(name): Path<String>) -> Response {
    let unknown =
        || -> Problem { UNKNOWN_PATH.problem("There is no such type of problem. GET /problems lists them.") };
    problems.get(&name).map_or_else(|| unknown().into_response(), |problem| Json(problem).into_response())
}
