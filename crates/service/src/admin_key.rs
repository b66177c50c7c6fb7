//! The key that opens what only operators may do.

use axum::extract::{Request, State};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{Extensions, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::bearer::bearer;
use crate::limits::{ClientLimits, Limited, refusal};
use crate::shared_problems::ADMIN_KEY_NEEDED;

/// The operators' key. Only its hash is kept; the time that a comparison of hashes takes reveals nothing.
#[derive(Clone)]
pub struct AdminKey([u8; 32]);

impl AdminKey {
    /// The key with this text.
    #[must_use]
    pub fn new(key: &SecretString) -> Self {
        Self(Sha256::digest(key.expose_secret()).into())
    }

    fn opens(&self, key: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(key)) == self.0
    }

    /// Whether what a request brought is the key.
    ///
    /// # Errors
    /// When its client has tried too many wrong ones: it is refused for a while, also with the right one. Else it would learn
    /// which that is.
    #[allow(clippy::result_large_err, reason = "it is the answer, and soon sent")]
    pub fn try_to_open(&self, key: Option<&str>, request: &Extensions) -> Result<bool, Response> {
        let limits = ClientLimits::in_request(request);
        if let Some(Err(exhausted)) = limits.map(|limits| limits.look(Limited::WrongAdminKeys)) {
            return Err(refusal(&exhausted));
        }
        if key.is_some_and(|key| self.opens(key)) {
            return Ok(true);
        }
        if let Some(limits) = limits.filter(|_| key.is_some()) {
            limits.log_wrong("admin key");
            limits.take(Limited::WrongAdminKeys).map_err(|exhausted| refusal(&exhausted))?;
        }
        Ok(false)
    }

    /// For `axum::middleware::from_fn_with_state`: lets only requests with the key pass.
    pub async fn guard(State(this): State<Self>, request: Request, next: Next) -> Response {
        let key = bearer(request.headers());
        match this.try_to_open(key, request.extensions()) {
            Ok(true) => return next.run(request).await,
            Ok(false) => {}
            Err(refusal) => return refusal,
        }
        let problem = ADMIN_KEY_NEEDED.problem(if key.is_none() {
            "This needs the admin key, as 'Authorization: Bearer <key>'."
        } else {
            "This is not the service's admin key (CARTWHEEL_ADMIN_KEY)."
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
