//! What the API's description says of every route in the same way: the keys that it needs, the problems that it can
//! answer with.

pub(crate) mod problems;
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
