//! One service, or all of them, behind an address.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{MethodRouter, get};
use bus::OwnDeadLetters;
use sqlx::PgPool;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::Config;

use crate::admin_key::AdminKey;
use crate::audit;
use crate::dead_letters;
use crate::description_check::DescribedProblems;
use crate::docs;
use crate::health::HealthReport;
use crate::openapi::closed::close_requests;
use crate::openapi::{name_after, operations, problem_responses, security};
use crate::parked;
use crate::request_layers::with_request_layers;
use crate::telemetry::metrics;
use crate::timers;

/// A service as others see it: its routes, their description, and its health.
pub struct Api {
    name: &'static str,
    routes: Router,
    description: OpenApi,
    /// The routes that every service has, and their description.
    operations: Router,
    operations_description: OpenApi,
}

impl Api {
    /// Routes that belong to no service, and so have nothing for operators.
    #[must_use]
    pub fn of_routes(name: &'static str, routes: OpenApiRouter) -> Self {
        let (routes, description) = described(name, routes);
        let (operations, operations_description) = (Router::new(), OpenApi::default());
        Self { name, routes, description, operations, operations_description }
    }

    pub(crate) fn new(
        name: &'static str,
        routes: OpenApiRouter,
        pool: PgPool,
        dead_letters: OwnDeadLetters,
        admin_key: AdminKey,
        health: &HealthReport,
    ) -> Self {
        let (routes, description) = described(name, routes);
        let for_operators = parked::routes(pool.clone()).merge(timers::routes(pool.clone()));
        let for_operators = for_operators.merge(dead_letters::routes(dead_letters));
        let for_operators = for_operators.merge(audit::routes(pool.clone()));
        let (for_operators, mut operations_description) = for_operators.split_for_parts();
        describe_operations(&mut operations_description, name);
        let guard = from_fn_with_state(admin_key, AdminKey::guard);
        let audit = from_fn_with_state(pool, audit::write_down);
        let for_operators = for_operators.merge(health.routes_for_operators());
        let operations = health.routes().merge(for_operators.route_layer(audit).route_layer(guard));
        let operations = with_service_layers(name, operations, &operations_description);
        Self { name, routes, description, operations, operations_description }
    }

    /// The API's description, as OpenAPI 3.1. What every service has is under `base`.
    fn description(&self, base: &str) -> OpenApi {
        self.description.clone().nest(base, self.operations_description.clone())
    }

    /// The service alone at an address.
    pub fn alone(self) -> Router {
        Router::new().route("/", redirect("/docs/")).merge(self.with_docs()).merge(metrics_route())
    }

    /// The routes, and their documentation.
    pub fn with_docs(self) -> Router {
        let description = self.description("");
        self.routes
            // Also where the gateway has it, so that operators' programs need not know which of both they talk to.
            .nest(&format!("/{}", self.name), self.operations.clone())
            .merge(self.operations)
            .merge(docs::description_route(&description))
            .merge(docs::problem_routes())
            .merge(docs::page(Config::from("/openapi.json")))
    }
}

/// All services behind one address. Their routes keep their paths; what every service has (`/health/ready`,
/// `/openapi.json`, `/parked`) is found under its name: `/cart/health/ready`. The docs open on what shoppers use. What is
/// at `/` is for the caller to say.
pub fn gateway(mut apis: Vec<Api>) -> Router {
    apis.sort_by_key(|api| !security::is_for_shoppers(&api.description));
    let urls: Vec<String> = apis.iter().map(|api| format!("/{}/openapi.json", api.name)).collect();
    let mut all = OpenApi::default();
    all.info = InfoBuilder::new().title("Cartwheel").version("1").build();
    let mut router = metrics_route();
    for (api, url) in apis.into_iter().zip(&urls) {
        let base = format!("/{}", api.name);
        let description = api.description(&base);
        let own = api.operations.merge(docs::description_route(&description));
        let page = redirect(&format!("/docs/?urls.primaryName={url}"));
        router = router.merge(api.routes).nest(&base, own.route("/docs", page.clone()).route("/docs/", page));
        all.merge(description);
    }
    router
        .merge(docs::page(Config::new(urls)))
        .merge(docs::problem_routes())
        .merge(docs::description_route(&all))
}

fn redirect(to: &str) -> MethodRouter {
    let to = Redirect::temporary(to);
    get(async move || to)
}

/// A service's own routes, and their description.
fn described(name: &'static str, routes: OpenApiRouter) -> (Router, OpenApi) {
    let (routes, mut description) = routes.split_for_parts();
    description.info = InfoBuilder::new().title(format!("Cartwheel {name}")).version("1").build();
    security::describe(&mut description);
    problem_responses::describe(&mut description);
    name_after(name, &mut description);
    close_requests(&mut description);
    (with_service_layers(name, routes, &description), description)
}

/// Names the service in the description: every service has the same routes.
fn describe_operations(api: &mut OpenApi, service: &str) {
    security::all_need_admin_key(api);
    problem_responses::describe(api);
    name_after(service, api);
    close_requests(api);
    for operation in operations(api) {
        operation.tags = Some(vec![service.to_owned()]);
    }
}

/// What every request to a service passes; debug builds check its problems, too.
fn with_service_layers(service: &'static str, router: Router, description: &OpenApi) -> Router {
    let router = if cfg!(debug_assertions) {
        router
            .layer(from_fn_with_state(DescribedProblems::new(service, description), DescribedProblems::check))
    } else {
        router
    };
    with_request_layers(service, router)
}

/// The metrics of the whole process.
pub fn metrics_route() -> Router {
    Router::new().route("/metrics", get(metrics::page))
}
