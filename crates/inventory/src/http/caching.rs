//! Answers that clients and caches may keep for a moment.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use service::Problem;
use sha2::{Digest, Sha256};

/// Stock changes all the time; what is two seconds old is good enough to show, and the hold decides.
const KEEP: &str = "public, max-age=2";

/// The answer, or that it is the one that the client has already.
pub(super) fn cacheable<T: Serialize>(request: &HeaderMap, answer: &T) -> Result<Response, Problem> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(%error, "an answer can't be written as JSON");
        Problem::internal()
    })?;
    let tag = tag(&body);
    let headers = [(ETAG, tag.as_str()), (CACHE_CONTROL, KEEP)];
    if matches(request, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, [(CONTENT_TYPE, "application/json")], body).into_response())
}

fn tag(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn matches(request: &HeaderMap, tag: &str) -> bool {
    let named = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|named| {
        let named = named.trim();
        named == "*" || named.trim_start_matches("W/") == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others_and_also_where_a_proxy_made_it_weak() {
        let tag = tag(b"{}");
        let matches =
            |named: &str| matches(&HeaderMap::from_iter([(IF_NONE_MATCH, named.parse().unwrap())]), &tag);
        assert!(matches(&tag) && matches(&format!("\"x\", W/{tag}")) && matches("*"));
        assert!(!matches("\"x\"") && !matches(""));
    }
}
