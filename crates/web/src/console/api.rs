//! The services' REST APIs, as operators use them: with the admin key, and the name of who acts.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Redirect;
use maud::{Markup, Render, html};
use reqwest::{Method, Response, StatusCode};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::encoded::encoded;
use super::session::Session;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{ConsoleTexts, EN};

/// The services, in the hands of who has signed in.
pub struct Api {
    state: WebState,
    operator: String,
}

/// Why a service did not do what it was asked for.
#[derive(Debug)]
pub enum Refusal {
    /// It has no such thing.
    NotThere,
    /// It says why.
    Refused(String),
    /// It does not answer.
    Silent(Service),
}

impl FromRequestParts<WebState> for Api {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Redirect> {
        let Session { operator, .. } = Session::from_request_parts(parts, state).await?;
        Ok(Self { state: state.clone(), operator })
    }
}

impl Api {
    /// Reads something.
    pub async fn get<T: DeserializeOwned>(
        &self,
        service: Service,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Refusal> {
        let answer = self.send(service, Method::GET, path, query, None).await?;
        answer.json().await.map_err(|_| Refusal::Silent(service))
    }

    /// Does something; returns the answer's body, if it has one.
    pub async fn act(
        &self,
        service: Service,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Refusal> {
        let answer = self.send(service, method, path, query, body).await?;
        Ok(answer.json().await.unwrap_or_default())
    }

    async fn send(
        &self,
        service: Service,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Response, Refusal> {
        let query = query.iter().filter(|(_, value)| !value.is_empty());
        let request = self.state.services.request(service, method, path);
        let request = request.query(&query.collect::<Vec<_>>());
        let request = request.bearer_auth(self.state.console.admin_key.expose_secret());
        // A header takes no other letters than these.
        let operator = encoded(&self.operator);
        let mut request = request.header("operator", operator);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|_| Refusal::Silent(service))?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND => Err(Refusal::NotThere),
            status => {
                let problem: Value = answer.json().await.unwrap_or_default();
                let detail = problem["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned);
                Err(Refusal::Refused(detail))
            }
        }
    }
}

impl Refusal {
    /// In words.
    pub fn text(&self, texts: &ConsoleTexts) -> String {
        match self {
            Self::NotThere => texts.not_there.to_owned(),
            Self::Refused(why) => why.clone(),
            Self::Silent(service) => format!("{} {}", service.name(), texts.no_answer),
        }
    }
}

impl Render for Refusal {
    fn render(&self) -> Markup {
        html! { p.notice role="alert" { (self.text(&EN.console)) } }
    }
}
