use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::response::Response;
use clap::Parser;
use tower::ServiceExt;

use super::*;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,
}

const NOWHERE: &str = "http://127.0.0.1:9";

/// The pages, with no service to ask.
pub fn pages() -> Router {
    pages_before(NOWHERE)
}

/// The pages, with no service to ask but a cart service at this address.
pub fn pages_before(cart: &str) -> Router {
    let urls = ["catalog", "inventory", "recommend", "notify", "analytics"]
        .map(|name| format!("--{name}-url={NOWHERE}"));
    let urls = urls.into_iter().chain([format!("--cart-url={cart}")]);
    let secrets = [
        "--admin-key=key",
        "--broker-url=amqp://127.0.0.1:9",
        "--token-secret=0123456789abcdef0123456789abcdef",
    ]
    .map(str::to_owned);
    let line = ["web".to_owned()].into_iter().chain(urls).chain(secrets);
    start(&CommandLine::parse_from(line).settings, &Lifecycle::default()).unwrap().alone()
}

async fn get_page(path: &str, accept: &str) -> Response {
    let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
    pages().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn storefront_and_console_are_pages_that_run_no_script_of_their_text() {
    for path in ["/shop/cart", "/console/sign-in"] {
        let page = get_page(path, "text/html").await;
        assert_eq!(page.status(), 200, "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        let body = to_bytes(page.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.starts_with("<!DOCTYPE html>") && body.contains("<main id=\"content\""), "{body}");
    }
}

#[tokio::test]
async fn a_browser_is_led_to_the_shop() {
    let page = get_page("/", "text/html,application/xhtml+xml").await;
    assert_eq!((page.status().as_u16(), page.headers()["location"].to_str().unwrap()), (307, "/shop"));
}

#[tokio::test]
async fn an_unknown_page_is_said_to_be_unknown() {
    for path in ["/shop/none", "/console/none"] {
        assert_eq!(get_page(path, "text/html").await.status(), 404, "{path}");
    }
}
