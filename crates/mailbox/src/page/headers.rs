//! The headers of what a browser shows.

use axum::http::{HeaderName, HeaderValue, header};

/// Our pages have no scripts, and load only the style sheet and the frame with the mail's HTML.
pub(super) const OUR_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'self'";
/// For what strangers wrote: no scripts, no forms, an origin of its own, nothing from the network.
pub(super) const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const CSS: &str = "text/css; charset=utf-8";

pub(super) type Headers = [(HeaderName, HeaderValue); 5];

/// The headers of everything that a browser shows.
pub(super) fn headers(content_type: &'static str, policy: &'static str) -> Headers {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ]
}
