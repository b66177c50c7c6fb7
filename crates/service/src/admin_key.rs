//! Who may do what only operators may.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::Problem;

/// The token of an `Authorization: Bearer <token>` header.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The operators' key. Only its hash is kept; comparing hashes tells nothing by its duration.
#[derive(Clone)]
pub struct AdminKey([u8; 32]);

impl AdminKey {
    pub(crate) fn new(key: &SecretString) -> Self {
        Self(Sha256::digest(key.expose_secret()).into())
    }

    fn opens(&self, key: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(key)) == self.0
    }

    /// For `axum::middleware::from_fn_with_state`: lets only requests with the key pass.
    pub async fn guard(State(this): State<Self>, request: Request, next: Next) -> Response {
        if bearer(request.headers()).is_some_and(|key| this.opens(key)) {
            return next.run(request).await;
        }
        let detail = "This needs the admin key, as 'Authorization: Bearer <key>'.";
        let mut refusal = Problem::new(StatusCode::UNAUTHORIZED, "admin-key-needed", detail).into_response();
        refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        refusal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_opens() {
        let key = AdminKey::new(&"correct".into());
        assert!(key.opens("correct"));
        assert!(!key.opens("correct "));
        assert!(!key.opens(""));
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_the_scheme() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer abc"));
        assert_eq!(bearer(&headers), Some("abc"));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(bearer(&headers), None);
    }
}
