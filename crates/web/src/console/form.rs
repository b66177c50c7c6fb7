//! Forms that change something.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::message::message;
use super::session::Session;
use crate::state::WebState;
use crate::texts::EN;

/// The field that every form of a session has.
pub fn token_field(state: &WebState, session: &Session) -> Markup {
    html! { input type="hidden" name="form_token" value=(state.console.sessions.form_token(session)); }
}

/// What a form sent that this console has shown in this session. One that another site has made up is refused.
pub struct Form<T>(pub T);

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    form_token: String,
}

impl<T: DeserializeOwned> FromRequest<WebState> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Response> {
        let refused = |status, what: &str| (status, message(&EN, what)).into_response();
        let forged = || refused(StatusCode::FORBIDDEN, EN.console.forged);
        let session = request.extensions().get::<Session>().cloned().ok_or_else(forged)?;
        if !is_of_this_site(request.headers()) {
            return Err(forged());
        }
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let unreadable = |_| refused(StatusCode::UNPROCESSABLE_ENTITY, EN.console.unreadable_form);
        let Token { form_token } = serde_html_form::from_bytes(&body).map_err(unreadable)?;
        if !state.console.sessions.is_form_token(&session, &form_token) {
            return Err(forged());
        }
        serde_html_form::from_bytes(&body).map(Self).map_err(unreadable)
    }
}

/// Browsers say from which site's page a form was sent; programs that are none may leave it out.
pub fn is_of_this_site(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let (Some(host), Ok(origin)) = (headers.get(HOST).and_then(|host| host.to_str().ok()), origin.to_str())
    else {
        return false;
    };
    origin.split_once("://").is_some_and(|(_, site)| site.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::from_iter([(HOST, "shop.example:8080".parse().unwrap())]);
        headers.extend(origin.map(|origin| (ORIGIN, origin.parse().unwrap())));
        is_of_this_site(&headers)
    }

    #[test]
    fn only_pages_of_this_site_send_forms() {
        assert!(
            origin(None)
                && origin(Some("http://shop.example:8080"))
                && origin(Some("https://Shop.Example:8080"))
        );
        for other in
            ["http://evil.example", "http://shop.example", "null", "http://shop.example:8080.evil.example"]
        {
            assert!(!origin(Some(other)), "{other}");
        }
    }
}
