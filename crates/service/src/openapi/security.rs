//! How requests are authorised, in the words of OpenAPI: so that a page to try the API can ask for the keys.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi};

/// Routes name it as `security(("cart-token" = []))`.
const CART_TOKEN: &str = "cart-token";
const ADMIN_KEY: &str = "admin-key";

/// Describes both keys.
pub(crate) fn describe(api: &mut OpenApi) {
    let bearer = || SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = api.components.take().unwrap_or_default();
    let described = ComponentsBuilder::from(components)
        .security_scheme(CART_TOKEN, bearer())
        .security_scheme(ADMIN_KEY, bearer());
    api.components = Some(described.build());
}

/// Says of every route that it needs the admin key.
pub(crate) fn all_need_admin_key(api: &mut OpenApi) {
    for operation in operations(api) {
        operation.security = Some(vec![SecurityRequirement::new(ADMIN_KEY, Vec::<String>::new())]);
    }
}

/// Everything that the API can do.
pub(crate) fn operations(api: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    api.paths.paths.values_mut().flat_map(of_path)
}

fn of_path(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}
