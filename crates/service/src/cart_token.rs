//! The token that opens a cart: made when the cart is opened, checked on every request for it.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

use crate::bearer::bearer;
use crate::problem::Problem;
use crate::problems::CART_TOKEN_NEEDED;

/// Makes and checks the secret tokens that open carts: an HMAC-SHA256 (RFC 2104) of the cart's id. So every service
/// can check a token without asking, none is stored, and a guessed id opens nothing.
#[derive(Clone)]
pub struct CartTokens(Hmac<Sha256>);

impl CartTokens {
    /// Tokens that are made with this secret.
    ///
    /// # Errors
    /// When the secret has fewer than 32 characters.
    pub fn new(secret: &SecretString) -> anyhow::Result<Self> {
        let secret = secret.expose_secret().as_bytes();
        anyhow::ensure!(
            secret.len() >= 32,
            "the token secret needs at least 32 characters (CARTWHEEL_TOKEN_SECRET)"
        );
        Ok(Self(Hmac::new_from_slice(secret)?))
    }

    /// The token of a cart.
    #[must_use]
    pub fn of(&self, cart: Uuid) -> String {
        let code = self.0.clone().chain_update(cart.as_bytes()).finalize();
        URL_SAFE_NO_PAD.encode(code.into_bytes())
    }

    /// Lets only requests with the cart's token pass.
    ///
    /// # Errors
    /// When the token is missing or not the cart's. A wrong token and an unknown cart get the same answer, so that
    /// nobody learns which carts there are.
    pub fn check(&self, cart: Uuid, headers: &HeaderMap) -> Result<(), Problem> {
        let token = bearer(headers).ok_or_else(|| {
            CART_TOKEN_NEEDED.problem(
                "This needs the cart's token, as 'Authorization: Bearer <token>'; POST /carts returned it.",
            )
        })?;
        if self.opens(cart, token) { Ok(()) } else { Err(Problem::unknown_cart()) }
    }

    /// Whether the token opens the cart; takes the same time whatever is wrong with it.
    fn opens(&self, cart: Uuid, token: &str) -> bool {
        let Ok(code) = URL_SAFE_NO_PAD.decode(token) else { return false };
        self.0.clone().chain_update(cart.as_bytes()).verify_slice(&code).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_its_own_cart_only() {
        let tokens = CartTokens::new(&"0123456789abcdef0123456789abcdef".into()).unwrap();
        let (mine, other) = (Uuid::new_v4(), Uuid::new_v4());
        assert!(tokens.opens(mine, &tokens.of(mine)));
        assert!(!tokens.opens(other, &tokens.of(mine)));
        assert!(!tokens.opens(mine, ""));
        assert!(!tokens.opens(mine, "not base64!"));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(CartTokens::new(&"short".into()).is_err());
    }
}
