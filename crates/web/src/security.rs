//! What browsers may do with the pages.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

use crate::picture_origins::PictureOrigins;

const HEADERS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// What pages may load: nothing but what this site serves, and pictures from where the shop has them; and nothing that is
/// in a page's text, so script in a product's name can't run.
#[derive(Clone)]
pub struct Policy(HeaderValue);

impl Policy {
    pub fn new(pictures: &PictureOrigins) -> Self {
        let policy = |pictures: &str| {
            format!(
                "default-src 'none'; connect-src 'self'; img-src 'self'{pictures}; script-src 'self'; \
                 style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            )
        };
        let value = HeaderValue::try_from(policy(&pictures.sources()));
        Self(value.unwrap_or(HeaderValue::from_static("default-src 'none'")))
    }
}

/// For `axum::middleware::from_fn_with_state`: the headers of every page. A page is for the one who asked for it, unless it says
/// otherwise.
pub async fn headers(State(Policy(policy)): State<Policy>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}
