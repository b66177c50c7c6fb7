use std::time::Duration;

use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};
use url::Url;

/// How long a browser may remember what it was allowed.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The origins whose pages may call the API from a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// Pages of this address only.
    #[default]
    Off,
    /// Pages from anywhere. Nothing is given away by it: no cookie opens anything, only keys that a page must know.
    Any,
    /// Pages of these origins: `https://shop.example`.
    Origins(Vec<HeaderValue>),
}

impl Cors {
    /// The headers that a browser is given, if there are any to give.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let layer = match self {
            Self::Off => return None,
            Self::Any => CorsLayer::new().allow_origin(Any),
            Self::Origins(origins) => CorsLayer::new().allow_origin(AllowOrigin::list(origins.clone())),
        };
        let named = HeaderName::from_static;
        Some(
            layer
                .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
                .allow_headers([
                    AUTHORIZATION,
                    CONTENT_TYPE,
                    IF_MATCH,
                    IF_NONE_MATCH,
                    named("idempotency-key"),
                    named("prefer"),
                    named("traceparent"),
                    named("tracestate"),
                    named("x-request-id"),
                ])
                .expose_headers([
                    ETAG,
                    LOCATION,
                    RETRY_AFTER,
                    named("change-version"),
                    named("deprecation"),
                    named("idempotency-replayed"),
                    named("preference-applied"),
                    named("sunset"),
                    named("x-request-id"),
                ])
                .max_age(REMEMBERED),
        )
    }
}

/// Reads a setting: `off`, `any`, or origins separated by commas.
pub(super) fn cors(value: &str) -> Result<Cors, String> {
    match value.trim() {
        "off" => Ok(Cors::Off),
        "any" | "*" => Ok(Cors::Any),
        origins => origins.split(',').map(origin).collect::<Result<_, _>>().map(Cors::Origins),
    }
}

/// An origin as browsers send it, so that it can be compared as text.
fn origin(value: &str) -> Result<HeaderValue, String> {
    let wrong = || {
        format!(
            "'{value}' is no origin: write scheme, host and port only, like https://shop.example, or `any`, or `off`"
        )
    };
    let url = Url::parse(value.trim()).map_err(|_| wrong())?;
    let is_origin =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !is_origin || !["http", "https"].contains(&url.scheme()) {
        return Err(wrong());
    }
    HeaderValue::from_str(&url.origin().ascii_serialization()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        let expected = ["https://shop.example", "http://localhost:3000", "https://xn--bcher-kva.example"];
        let expected = expected.into_iter().map(HeaderValue::from_static).collect();
        let read = cors("https://Shop.example/, http://localhost:3000,https://bücher.example:443");
        assert_eq!(read, Ok(Cors::Origins(expected)));
        assert_eq!(cors("off"), Ok(Cors::Off));
        assert_eq!(cors("any"), Ok(Cors::Any));
    }

    #[test]
    fn what_is_no_origin_is_refused_with_what_to_write() {
        for wrong in [
            "",
            "shop.example",
            "https://shop.example/cart",
            "https://a.example;https://b.example/",
            "ftp://a.example",
        ] {
            assert!(cors(wrong).unwrap_err().contains("like https://shop.example"), "{wrong}");
        }
    }
}
