//! How requests are authorised, in the words of OpenAPI: so that a page to try the API can ask for the keys.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi};

use super::{methods_of, operations};

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
        operation.security = Some(vec![requirement(ADMIN_KEY)]);
    }
}

pub(super) fn needs_admin_key(operation: &Operation) -> bool {
    needs(operation, ADMIN_KEY)
}

pub(super) fn needs_cart_token(operation: &Operation) -> bool {
    needs(operation, CART_TOKEN)
}

/// Whether a shopper, who has a cart, is among those who use the API.
pub(crate) fn is_for_shoppers(api: &OpenApi) -> bool {
    api.paths.paths.values().flat_map(methods_of).any(|(_, operation)| needs_cart_token(operation))
}

fn needs(operation: &Operation, key: &str) -> bool {
    operation.security.iter().flatten().any(|security| *security == requirement(key))
}

fn requirement(key: &str) -> SecurityRequirement {
    SecurityRequirement::new(key, Vec::<String>::new())
}
