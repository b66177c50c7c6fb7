//! The token that opens a cart: signed when the cart is opened, checked on every request for it.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

use crate::bearer::bearer;
use crate::problem_json::Problem;
use crate::shared_problems::CART_TOKEN_NEEDED;

/// Makes and checks the secret tokens that open carts: an HMAC-SHA256 (RFC 2104) of the cart's id. So every service
/// can check a token without asking, none is stored, and a guessed id opens nothing.
///
/// A cart's tokens are numbered from 0: a new one replaces the one before. Only the cart service knows which number is valid;
/// the others accept any.
#[derive(Clone)]
pub struct CartTokens {
    hmac: Hmac<Sha256>,
    /// The previous secret, whose tokens still open their carts.
    former: Option<Hmac<Sha256>>,
}

impl CartTokens {
    /// Tokens that are signed with this secret.
    ///
    /// # Errors
    /// When the secret has fewer than 32 characters.
    pub fn new(secret: &SecretString) -> anyhow::Result<Self> {
        Ok(Self { hmac: hmac(secret, "CARTWHEEL_TOKEN_SECRET")?, former: None })
    }

    /// Tokens that were signed with the former secret open their carts, too.
    ///
    /// # Errors
    /// When the secret has fewer than 32 characters.
    pub fn accepting(self, former: Option<&SecretString>) -> anyhow::Result<Self> {
        let former = former.map(|secret| hmac(secret, "CARTWHEEL_FORMER_TOKEN_SECRET")).transpose()?;
        Ok(Self { former, ..self })
    }

    /// The first token of a cart.
    #[must_use]
    pub fn of(&self, cart: Uuid) -> String {
        self.numbered(cart, 0)
    }

    /// The cart's token with this number.
    #[must_use]
    pub fn numbered(&self, cart: Uuid, number: i64) -> String {
        let code = URL_SAFE_NO_PAD.encode(signed(&self.hmac, cart, number).finalize().into_bytes());
        if number == 0 { code } else { format!("{code}.{number}") }
    }

    /// Lets only requests with a token of the cart pass. Returns the token's number.
    ///
    /// # Errors
    /// When the token is missing or not the cart's. A wrong token and an unknown cart get the same answer, so that
    /// nobody learns which carts there are.
    pub fn check(&self, cart: Uuid, headers: &HeaderMap) -> Result<i64, Problem> {
        let token = bearer(headers).ok_or_else(|| {
            CART_TOKEN_NEEDED.problem(
                "This needs the cart's token, as 'Authorization: Bearer <token>'; POST /carts returned it.",
            )
        })?;
        self.number(cart, token).ok_or_else(Problem::unknown_cart)
    }

    /// The number of a token, if it is one of the cart's; takes the same time whatever is wrong with it.
    #[must_use]
    pub fn number(&self, cart: Uuid, token: &str) -> Option<i64> {
        let (code, number) = match token.split_once('.') {
            Some((code, number)) => (code, number.parse().ok().filter(|number| *number > 0)?),
            None => (token, 0),
        };
        let code = URL_SAFE_NO_PAD.decode(code).ok()?;
        let good = |hmac| signed(hmac, cart, number).verify_slice(&code).is_ok();
        let (by_this, by_former) = (good(&self.hmac), self.former.as_ref().is_some_and(good));
        (by_this | by_former).then_some(number)
    }
}

fn hmac(secret: &SecretString, setting: &str) -> anyhow::Result<Hmac<Sha256>> {
    let secret = secret.expose_secret().as_bytes();
    anyhow::ensure!(secret.len() >= 32, "the token secret needs at least 32 characters ({setting})");
    Ok(Hmac::new_from_slice(secret)?)
}

/// What is signed: the cart's id, and the number except for the first token, which has none.
fn signed(hmac: &Hmac<Sha256>, cart: Uuid, number: i64) -> Hmac<Sha256> {
    let signed = hmac.clone().chain_update(cart.as_bytes());
    if number == 0 { signed } else { signed.chain_update(number.to_be_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const NEW_SECRET: &str = "fedcba9876543210fedcba9876543210";

    fn tokens(secret: &str) -> CartTokens {
        CartTokens::new(&secret.into()).unwrap()
    }

    #[test]
    fn a_token_opens_its_own_cart_only() {
        let tokens = tokens(SECRET);
        let (mine, other) = (Uuid::new_v4(), Uuid::new_v4());
        assert_eq!(tokens.number(mine, &tokens.of(mine)), Some(0));
        for wrong in [tokens.of(other).as_str(), "", "not base64!", ".1"] {
            assert_eq!(tokens.number(mine, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_is_valid_for_its_own_number_only() {
        let (tokens, cart) = (tokens(SECRET), Uuid::new_v4());
        let third = tokens.numbered(cart, 3);
        assert_eq!(tokens.number(cart, &third), Some(3));
        let code = third.split('.').next().unwrap();
        for forged in
            [code.to_owned(), format!("{code}.4"), format!("{code}.0"), format!("{}.1", tokens.of(cart))]
        {
            assert_eq!(tokens.number(cart, &forged), None, "{forged}");
        }
    }

    #[test]
    fn tokens_of_the_former_secret_are_valid_while_it_is_known() {
        let cart = Uuid::new_v4();
        let (former, now) = (tokens(SECRET), tokens(NEW_SECRET));
        assert_eq!(now.number(cart, &former.numbered(cart, 2)), None);
        let now = now.accepting(Some(&SECRET.into())).unwrap();
        assert_eq!(now.number(cart, &former.numbered(cart, 2)), Some(2));
        assert_eq!(former.number(cart, &now.of(cart)), None, "new ones are signed with the new secret");
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(CartTokens::new(&"short".into()).is_err());
        assert!(tokens(SECRET).accepting(Some(&"short".into())).is_err());
    }
}
