//! The page that shows the API, the descriptions that it shows, and what each type of problem means.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

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

/// The types of all services, since a client meets them at one address; written from their descriptions by a test.
const PROBLEMS: &str = include_str!("problems.json");

/// What the `type` of a problem leads to: `/problems/unknown-sku`, and `/problems` for all.
pub(crate) fn problem_routes() -> Router {
    let problems: Problems = serde_json::from_str(PROBLEMS).unwrap_or_default();
    Router::new()
        .route("/problems", get(list))
        .route("/problems/{name}", get(show))
        .with_state(Arc::new(problems))
}

type Problems = Vec<Value>;

async fn list(State(problems): State<Arc<Problems>>) -> Response {
    Json(&*problems).into_response()
}

async fn show(State(problems): State<Arc<Problems>>, Path(name): Path<String>) -> Response {
    let name = format!("/problems/{name}");
    match problems.iter().find(|problem| problem["type"] == name.as_str()) {
        Some(problem) => Json(problem).into_response(),
        None => UNKNOWN_PATH
            .problem("There is no such type of problem. GET /problems lists them.")
            .into_response(),
    }
}
