//! The key that opens what only operators may do.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::WWW_AUTHENTICATE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::bearer::bearer;
use crate::limits::{ClientLimits, Limited, refusal};
use crate::problems::ADMIN_KEY_NEEDED;

/// The operators' key. Only its hash is kept; the time that a comparison of hashes takes reveals nothing.
#[derive(Clone)]
pub struct AdminKey([u8; 32]);

impl AdminKey {
    pub(crate) fn new(key: &SecretString) -> Self {
        Self(Sha256::digest(key.expose_secret()).into())
    }

    fn opens(&self, key: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(key)) == self.0
    }

    /// For `axum::middleware::from_fn_with_state`: lets only requests with the key pass. A client that has tried too many
    /// wrong ones is refused for a while, also with the right one: else it would learn which that is.
    pub async fn guard(State(this): State<Self>, request: Request, next: Next) -> Response {
        let limits = ClientLimits::in_request(request.extensions());
        if let Some(Err(exhausted)) = limits.map(|limits| limits.look(Limited::WrongAdminKeys)) {
            return refusal(&exhausted);
        }
        let key = bearer(request.headers());
        if key.is_some_and(|key| this.opens(key)) {
            return next.run(request).await;
        }
        if let Some(limits) = limits.filter(|_| key.is_some()) {
            limits.log_wrong("admin key");
            if let Err(exhausted) = limits.take(Limited::WrongAdminKeys) {
                return refusal(&exhausted);
            }
        }
        let problem = ADMIN_KEY_NEEDED.problem(match key {
            None => "This needs the admin key, as 'Authorization: Bearer <key>'.",
            Some(_) => "This is not the service's admin key (CARTWHEEL_ADMIN_KEY).",
        });
        let mut refusal = problem.into_response();
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
}
