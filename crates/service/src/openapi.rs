//! What the API's description says of every route in the same way: the keys that it needs, the problems that it can
//! answer with.

pub(crate) mod closed;
pub(crate) mod problem_responses;
pub(crate) mod security;

use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

/// Everything that the API can do.
pub(crate) fn operations(api: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    api.paths.paths.values_mut().flat_map(operations_at)
}

/// Everything that the API can do but reading.
pub(crate) fn writing_operations(api: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    api.paths.paths.values_mut().flat_map(|PathItem { put, post, delete, patch, .. }| {
        [put, post, delete, patch].into_iter().flatten()
    })
}

/// Everything that can be done at a path.
pub(crate) fn operations_at(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// What can be done at a path, with its method.
pub(crate) fn methods_of(path: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    let all = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete), ("PATCH", patch)];
    all.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

/// Names each operation after its service, so that the names stay unique where several descriptions become one.
pub(crate) fn name_after(service: &str, api: &mut OpenApi) {
    for operation in operations(api) {
        operation.operation_id = operation.operation_id.take().map(|name| format!("{service}_{name}"));
    }
}
