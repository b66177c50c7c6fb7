//! The mails as a page for people, and as JSON for tests and tools.

mod api;
mod headers;
mod html;
mod state;

use axum::{Router, routing::get};

pub(crate) use state::Page;

pub(crate) fn router(page: Page) -> Router {
    Router::new()
        .route("/", get(html::list))
        .route("/style.css", get(html::style))
        .route("/mails/{number}", get(html::mail))
        .route("/mails/{number}/html", get(html::body))
        .route("/mails/{number}/source", get(html::source))
        .route("/api/mails", get(api::mails))
        .route("/api/mails/{number}", get(api::mail))
        .route("/api/count", get(api::count))
        .with_state(page)
}
