//! The mails as a page for people and as JSON for tests and tools.

mod api;
mod html;
mod read;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    routing::get,
};

pub use read::{Attachment, Header, Mail};

use crate::Mailbox;

/// Ours carry no scripts, and load nothing but the style sheet and the frame with the mail's HTML.
const OUR_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'self'";
/// What strangers wrote: no scripts, no forms, an origin of its own, nothing from the network.
const MAIL_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

pub(crate) fn router(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/", get(html::list))
        .route("/style.css", get(html::style))
        .route("/mails/{number}", get(html::mail))
        .route("/mails/{number}/html", get(html::body))
        .route("/mails/{number}/source", get(html::source))
        .route("/api/mails", get(api::mails))
        .route("/api/mails/{number}", get(api::mail))
        .route("/api/count", get(api::count))
        .with_state(mailbox)
}

type Headers = [(HeaderName, HeaderValue); 5];

/// The headers of everything that a browser shows.
fn headers(content_type: &'static str, policy: &'static str) -> Headers {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ]
}
