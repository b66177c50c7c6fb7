//! One service, or all of them, behind an address.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;
use axum::{Router, ServiceExt};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, RequestId};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::health::Readiness;
use crate::telemetry::{Watch, metrics, watch};
use crate::{AdminKey, Problem, keys, parked};

/// The longest body of an ordinary request, in bytes. A route that takes more says so itself.
const BODY_LIMIT: usize = 64 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A service as others see it: its routes, their description, and its health.
pub struct Api {
    name: &'static str,
    routes: Router,
    description: OpenApi,
    /// What every service has, and the description of it.
    operations: Router,
    operations_description: OpenApi,
}

impl Api {
    pub(crate) fn new(
        name: &'static str,
        routes: OpenApiRouter,
        pool: PgPool,
        admin_key: AdminKey,
        readiness: Readiness,
    ) -> Self {
        let (routes, mut description) = routes.split_for_parts();
        description.info = InfoBuilder::new().title(format!("Cartwheel {name}")).version("1").build();
        keys::describe(&mut description);
        let (parked, mut operations_description) = parked::routes(pool).split_for_parts();
        parked::describe(&mut operations_description, name);
        let operations =
            readiness.routes().merge(parked.route_layer(from_fn_with_state(admin_key, AdminKey::guard)));
        let (routes, operations) = (watched(name, routes), watched(name, operations));
        Self { name, routes, description, operations, operations_description }
    }

    /// The API's description, as OpenAPI 3.1. What every service has stands under `base`.
    fn description(&self, base: &str) -> OpenApi {
        self.description.clone().nest(base, self.operations_description.clone())
    }

    /// The service alone at an address.
    pub fn alone(self) -> Router {
        let docs = SwaggerUi::new("/docs").config(Config::from("/openapi.json"));
        let root = get(async || Redirect::temporary("/docs/"));
        let description = described(self.description(""));
        Router::new()
            .route("/", root)
            .merge(self.routes)
            .merge(self.operations)
            .merge(description)
            .merge(Router::from(docs))
            .merge(figures())
    }
}

/// All services behind one address. Their routes keep their paths; what every service has (`/health/ready`,
/// `/openapi.json`, `/parked`) is found under its name: `/cart/health/ready`.
pub fn gateway(apis: Vec<Api>) -> Router {
    let descriptions: Vec<String> = apis.iter().map(|api| format!("/{}/openapi.json", api.name)).collect();
    let docs = SwaggerUi::new("/docs").config(Config::new(descriptions));
    let mut all = OpenApi::default();
    all.info = InfoBuilder::new().title("Cartwheel").version("1").build();
    let mut router = Router::new().merge(Router::from(docs)).merge(figures());
    for api in apis {
        let base = format!("/{}", api.name);
        let description = api.description(&base);
        all.merge(description.clone());
        router = router.merge(api.routes).nest(&base, api.operations.merge(described(description)));
    }
    router.merge(described(all))
}

/// What every request to a service passes, from the outside in. The watch is outside: a panic and a time-out count.
fn watched(service: &'static str, router: Router) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(Watch::new(service), watch))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a request panicked");
            axum::response::IntoResponse::into_response(Problem::internal())
        }))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT));
    router.layer(layers)
}

fn described(description: OpenApi) -> Router {
    Router::new().route("/openapi.json", get(async move || axum::Json(description.clone())))
}

/// The metrics of the whole process.
fn figures() -> Router {
    Router::new().route("/metrics", get(metrics::page))
}

/// Serves until `stop`, then finishes the requests that it has begun.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let app = with_layers(router);
    axum::serve(listener, ServiceExt::<Request>::into_make_service(app))
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

/// What every request passes, from the outside in: a request id, a log span, a limit, and answers to what fits no
/// route.
fn with_layers(router: Router) -> Router {
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
    Problem::not_found(
        "unknown-path",
        format!("There is nothing at '{}'. See /docs for what there is.", uri.path()),
    )
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("'{}' does not take {method}. See /docs for what it takes.", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", detail)
}
