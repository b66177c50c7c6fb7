//! Forms that only our own pages can send. Another site could make a visitor's browser send a form, but it can't read the
//! token that our page has in it; browsers also say where a form comes from.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::origin::is_of_this_site;

/// The name of the token's field.
const FIELD: &str = "form_token";

/// Makes and checks the tokens of forms.
#[derive(Clone)]
pub struct FormKey(Arc<Hmac<Sha256>>);

/// Whose forms these are: a secret of the visitor's browser in a cookie, or an operator's session.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner(pub String);

/// The token for an owner's forms.
#[derive(Clone)]
pub struct FormToken(String);

/// A form from one of our own pages.
pub struct OwnForm<T>(pub T);

/// Why a form is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forged {
    /// It comes from another site, or has no token of ours.
    Foreign,
    /// Its fields can't be read.
    Unreadable,
}

#[derive(Deserialize)]
struct Signed {
    form_token: String,
}

impl FormKey {
    /// From the secret that all instances share.
    pub fn new(secret: &SecretString) -> anyhow::Result<Self> {
        let hmac = Hmac::new_from_slice(secret.expose_secret().as_bytes())?;
        Ok(Self(Arc::new(hmac.chain_update("form"))))
    }

    /// The token for an owner's forms.
    pub fn token(&self, owner: &Owner) -> FormToken {
        FormToken(URL_SAFE_NO_PAD.encode(self.of(owner).finalize().into_bytes()))
    }

    /// Reads a form, if it is from one of this owner's own pages.
    pub async fn read<T: DeserializeOwned>(&self, owner: &Owner, request: Request) -> Result<T, Forged> {
        if !is_of_this_site(request.headers()) {
            return Err(Forged::Foreign);
        }
        let body = Bytes::from_request(request, &()).await.map_err(|_| Forged::Unreadable)?;
        let Signed { form_token } = serde_html_form::from_bytes(&body).map_err(|_| Forged::Foreign)?;
        if !self.accepts(&form_token, owner) {
            return Err(Forged::Foreign);
        }
        serde_html_form::from_bytes(&body).map_err(|_| Forged::Unreadable)
    }

    fn of(&self, Owner(owner): &Owner) -> Hmac<Sha256> {
        Hmac::clone(&self.0).chain_update(owner)
    }

    fn accepts(&self, token: &str, owner: &Owner) -> bool {
        URL_SAFE_NO_PAD.decode(token).is_ok_and(|token| self.of(owner).verify_slice(&token).is_ok())
    }
}

impl FormToken {
    /// The field that every form needs.
    pub fn field(&self) -> Markup {
        html! { input type="hidden" name=(FIELD) value=(self.0); }
    }
}

impl<S, T> FromRequest<S> for OwnForm<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
    FormKey: FromRef<S>,
{
    type Rejection = Forged;

    async fn from_request(request: Request, state: &S) -> Result<Self, Forged> {
        let owner = request.extensions().get::<Owner>().cloned().ok_or(Forged::Foreign)?;
        FormKey::from_ref(state).read(&owner, request).await.map(Self)
    }
}

impl Forged {
    pub fn status(self) -> StatusCode {
        match self {
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl IntoResponse for Forged {
    fn into_response(self) -> Response {
        self.status().into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_owner_only() {
        let key = FormKey::new(&"0123456789abcdef0123456789abcdef".into()).unwrap();
        let (ann, ben) = (Owner("ann".into()), Owner("ben".into()));
        let FormToken(token) = key.token(&ann);
        assert!(key.accepts(&token, &ann));
        assert!(!key.accepts(&token, &ben) && !key.accepts("", &ann));
    }
}
