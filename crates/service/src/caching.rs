//! What browsers and caches may keep: for a while without asking, and then as long as it is the same
//! ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)).

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::problem_json::Problem;

/// For how many seconds nobody needs to ask again.
#[derive(Clone, Copy, Debug)]
pub struct CacheSeconds(pub u32);

/// For `axum::middleware::from_fn_with_state`: gives an answer an `ETag`, which is a hash of it, and leaves its body out for
/// a client who has it. For answers that are the same for everybody.
pub async fn cached(
    State(CacheSeconds(seconds)): State<CacheSeconds>,
    request: Request,
    next: Next,
) -> Response {
    let known = request.headers().clone();
    let response = next.run(request).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Problem::internal().into_response() };
    let tag = tag(&body);
    let is_known = knows(&known, &tag);
    for (header, text) in [(ETAG, tag), (CACHE_CONTROL, format!("public, max-age={seconds}"))] {
        if let Ok(value) = HeaderValue::try_from(text) {
            parts.headers.insert(header, value);
        }
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn tag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash)))
}

/// Whether `If-None-Match` names the tag. Weak tags match, too (RFC 9110, 13.1.2).
#[must_use]
pub fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_alone_in_a_list_or_weak() {
        for (header, is_known) in
            [("\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true), ("\"b\"", false), ("a", false)]
        {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(header))]);
            assert_eq!(knows(&headers, "\"a\""), is_known, "{header}");
        }
        assert!(!knows(&HeaderMap::new(), "\"a\""));
    }
}
