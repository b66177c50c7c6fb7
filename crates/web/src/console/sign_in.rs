//! Signing in with the admin key, and out.

use axum::extract::{Query, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;

use super::form::{Form, token_field};
use super::page::ConsolePage;
use super::session::{Session, Sessions};
use crate::language::Language;
use crate::origin::is_of_this_site;
use crate::page::Page;
use crate::state::WebState;
use crate::texts::Texts;

/// The page that was wanted.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
pub struct SignIn {
    #[serde(default)]
    name: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    to: String,
}

pub async fn show(Language(texts): Language, Query(Wanted { to }): Query<Wanted>) -> Page {
    page(texts, &to, "", None)
}

/// With the right key a session begins. A client that tries too many wrong ones is held off, as at every service.
pub async fn sign_in(
    State(state): State<WebState>,
    Language(texts): Language,
    headers: HeaderMap,
    extensions: Extensions,
    axum::Form(SignIn { name, key, to }): axum::Form<SignIn>,
) -> Response {
    let again = |status, what| (status, page(texts, &to, &name, Some(what))).into_response();
    if !is_of_this_site(&headers) {
        return again(StatusCode::FORBIDDEN, texts.console.forged);
    }
    let operator = name.trim();
    if operator.is_empty() || operator.chars().count() > 60 || operator.chars().any(char::is_control) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, texts.console.sign_in.name_needed);
    }
    match state.console.key.try_to_open(Some(key.trim()), &extensions) {
        Err(refusal) => {
            let mut answer = again(refusal.status(), texts.console.sign_in.too_often);
            let after = refusal.headers().get(RETRY_AFTER).cloned();
            answer.headers_mut().extend(after.map(|after| (RETRY_AFTER, after)));
            answer
        }
        Ok(false) => again(StatusCode::UNAUTHORIZED, texts.console.sign_in.wrong_key),
        Ok(true) => {
            match state.console.sessions.cookie(&state.console.sessions.begin(operator), is_secure(&headers))
            {
                Ok(cookie) => ([(SET_COOKIE, cookie)], Redirect::to(own_page(&to))).into_response(),
                Err(error) => {
                    tracing::error!(%error, "a session can't be sealed");
                    StatusCode::INTERNAL_SERVER_ERROR.into_response()
                }
            }
        }
    }
}

/// Asks before it signs out, so that a link alone does nothing.
pub async fn ask_to_sign_out(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
) -> Page {
    let main = html! {
        h1 { (texts.console.sign_in.sign_out) }
        form.narrow method="post" {
            (token_field(&state, &session))
            p { (texts.console.sign_in.signed_in_as) " " strong { (session.operator) } "." }
            button type="submit" { (texts.console.sign_in.sign_out) }
        }
    };
    ConsolePage { texts, session: Some(&session), title: texts.console.sign_in.sign_out, main }.into()
}

#[derive(Deserialize)]
pub struct Nothing {}

pub async fn sign_out(
    State(state): State<WebState>,
    session: Session,
    headers: HeaderMap,
    Form(Nothing {}): Form<Nothing>,
) -> Response {
    state.console.sessions.end(&session);
    ([(SET_COOKIE, Sessions::no_cookie(is_secure(&headers)))], Redirect::to("/console/sign-in"))
        .into_response()
}

fn page(texts: &'static Texts, to: &str, name: &str, wrong: Option<&str>) -> Page {
    let own = &texts.console.sign_in;
    let main = html! {
        h1 { (own.title) }
        form.narrow method="post" action="/console/sign-in" {
            @if let Some(wrong) = wrong { p.notice role="alert" { (wrong) } }
            input type="hidden" name="to" value=(to);
            label for="name" { (own.name) }
            input #name name="name" autocomplete="name" required maxlength="60" value=(name) aria-describedby="name-hint";
            p.hint #name-hint { (own.name_hint) }
            label for="key" { (own.key) }
            input #key type="password" name="key" autocomplete="current-password" required aria-describedby="key-hint";
            p.hint #key-hint { (own.key_from) " " code { "./cartwheel up" } " " (own.key_hint) " " code { "CARTWHEEL_ADMIN_KEY" } "." }
            button type="submit" { (own.title) }
        }
    };
    ConsolePage { texts, session: None, title: own.title, main }.into()
}

/// Nobody is led to another site.
fn own_page(to: &str) -> &str {
    let is_own = to.starts_with("/console/") && !to.contains(['\\', '\r', '\n']) && !to.contains("//");
    if is_own && to != "/console/" && !to.starts_with("/console/sign-") { to } else { "/console/flow" }
}

fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_back_to_a_page_of_the_console_only() {
        assert_eq!(own_page("/console/parked?service=cart"), "/console/parked?service=cart");
        for other in [
            "",
            "/console/",
            "https://evil.example",
            "//evil.example",
            "/shop",
            "/console//evil",
            "/console/sign-out",
        ] {
            assert_eq!(own_page(other), "/console/flow", "{other}");
        }
    }
}
