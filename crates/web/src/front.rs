use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, VARY};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{MethodRouter, get};

/// What is at `/`: a browser is led to the shop, and a program to `elsewhere`.
pub fn front_page<S: Clone + Send + Sync + 'static>(elsewhere: &'static str) -> MethodRouter<S> {
    get(async move |headers: HeaderMap| {
        let to = if accepts_html(&headers) { "/shop" } else { elsewhere };
        ([(VARY, "accept")], Redirect::temporary(to)).into_response()
    })
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .any(|accept| accept.to_str().is_ok_and(|types| types.contains("text/html")))
}
