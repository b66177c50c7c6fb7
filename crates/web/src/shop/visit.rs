//! Who visits the storefront: a browser, known by a cookie, perhaps with a cart.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponseParts, Response, ResponseParts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use maud::{Markup, html};
use rand::RngCore;
use service::client_address;

use crate::cookies::{Cookie, cookie, is_https};
use crate::forms::{FormToken, Owner};
use crate::language::Language;
use crate::live::{LogPosition, Topics};
use crate::services::Failure;
use crate::services::cart::{Cart, CartKey};
use crate::state::WebState;
use crate::texts::Texts;

const VISITOR: &str = "visitor";
const CART: &str = "cart";
const PATH: &str = "/shop";
/// A year, in seconds.
const KEPT: u32 = 365 * 24 * 3600;

/// A visit to a page.
pub struct Visit {
    pub texts: &'static Texts,
    pub state: WebState,
    pub form: FormToken,
    pub cart_key: Option<CartKey>,
    /// What was in the log before anything was read for the page.
    since: Option<LogPosition>,
    pub https: bool,
    /// Whether a script asks, which wants to know the outcome rather than see a page.
    pub by_script: bool,
}

/// For `axum::middleware::from_fn_with_state`: every visitor gets a cookie with a secret, which their forms depend on.
pub async fn visitor(State(_): State<WebState>, mut request: Request, next: Next) -> Response {
    let known = cookie(request.headers(), VISITOR).filter(|secret| secret.len() == 22).map(str::to_owned);
    let is_new = known.is_none();
    let https = is_https(request.headers());
    let owner = Owner(known.unwrap_or_else(new_secret));
    request.extensions_mut().insert(owner.clone());
    let mut response = next.run(request).await;
    if is_new {
        let cookie = Cookie { name: VISITOR, value: &owner.0, path: PATH, max_age: KEPT, strict: false };
        response.headers_mut().extend(cookie.header(https));
    }
    response
}

fn new_secret() -> String {
    let mut secret = [0; 16];
    rand::rng().fill_bytes(&mut secret);
    URL_SAFE_NO_PAD.encode(secret)
}

impl Visit {
    /// What the script needs to follow what the page shows: where it happens, and what to say of it.
    pub fn live(&self, topics: &Topics<'_>) -> Markup {
        let moments = self.texts.shop.moments;
        html! {
            div #live data-region="live" data-failed=(self.texts.shop.problem("unavailable"))
                data-url=[self.state.live.url(topics, self.since)] {
                @for (name, text) in moments { span hidden data-moment=(name) { (text) } }
            }
        }
    }

    /// The cart as it is; none if there is none, or it has ended.
    pub async fn cart(&self) -> Result<Option<Cart>, Failure> {
        let Some(key) = &self.cart_key else { return Ok(None) };
        match self.state.services.cart(key).await {
            Ok(cart) => Ok(Some(cart)),
            Err(failure) if failure.is_not_found() || failure.is("cart-ended") => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

impl FromRequestParts<WebState> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Infallible> {
        let Language(texts) = Language::from_request_parts(parts, state).await?;
        let owner = parts.extensions.get::<Owner>().cloned();
        let form = state.form_key.token(&owner.unwrap_or(Owner(String::new())));
        let (headers, client) = (&parts.headers, client_address(&parts.extensions));
        Ok(Self {
            texts,
            state: WebState { services: state.services.on_behalf_of(client), ..state.clone() },
            form,
            cart_key: cookie(headers, CART).and_then(CartKey::parse),
            since: state.live.position(),
            https: is_https(headers),
            by_script: is_by_script(headers),
        })
    }
}

fn is_by_script(headers: &HeaderMap) -> bool {
    headers.get("accept").is_some_and(|accept| accept == "application/json")
}

/// The cookie that keeps the cart's key, as a part of an answer.
pub struct KeepCart<'a> {
    pub key: &'a CartKey,
    pub https: bool,
}

impl IntoResponseParts for KeepCart<'_> {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        let value = self.key.text();
        let cookie = Cookie { name: CART, value: &value, path: PATH, max_age: KEPT, strict: false };
        parts.headers_mut().extend(cookie.header(self.https));
        Ok(parts)
    }
}
