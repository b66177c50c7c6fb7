//! While Cartwheel is developed and tested: a route answers with no problem that its description doesn't name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use utoipa::openapi::OpenApi;

use crate::openapi::methods_of;
use crate::openapi::problem_responses::described;
use crate::problem_json::ProblemType;

/// The names of the problems of each route, by its method and path.
#[derive(Clone)]
pub(crate) struct DescribedProblems {
    service: &'static str,
    routes: Arc<BTreeMap<(&'static str, String), BTreeSet<String>>>,
}

impl DescribedProblems {
    pub fn new(service: &'static str, api: &OpenApi) -> Self {
        let mut routes = BTreeMap::new();
        for (path, item) in &api.paths.paths {
            let operations = methods_of(item);
            routes
                .extend(operations.map(|(method, operation)| ((method, path.clone()), described(operation))));
        }
        Self { service, routes: Arc::new(routes) }
    }

    /// For `axum::middleware::from_fn_with_state`.
    ///
    /// # Panics
    /// When a route answers with a problem that its description doesn't name. So every test of a route tests this too.
    pub async fn check(State(this): State<Self>, request: Request, next: Next) -> Response {
        let method = request.method().to_string();
        let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let response = next.run(request).await;
        if let (Some(path), Some(problem)) = (path, response.extensions().get::<ProblemType>()) {
            let name = problem.name;
            assert!(
                this.names(&method, &path, name),
                "{method} {path} is not described with the problem '{name}'"
            );
        }
        response
    }

    /// Behind one address for all services, `/parked` is found at `/cart/parked`.
    fn names(&self, method: &str, path: &str, problem: &str) -> bool {
        let own = path.strip_prefix('/').and_then(|path| path.strip_prefix(self.service)).unwrap_or(path);
        let mut routes =
            self.routes.iter().filter(|((of, at), _)| *of == method && (at == path || at == own));
        routes.next().is_none_or(|(_, problems)| problems.contains(problem))
    }
}
