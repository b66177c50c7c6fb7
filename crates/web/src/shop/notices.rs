//! What became of a form that was sent: said on the page that follows it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use maud::{Markup, html};
use serde::Deserialize;

use super::visit::Visit;

/// The outcome that the address names; only outcomes that there are texts for are shown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Notice {
    /// What was done: `added`.
    notice: Option<String>,
    /// The type of the problem that a service answered: `quantity-too-large`.
    problem: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Notice {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(serde_html_form::from_str(parts.uri.query().unwrap_or_default()).unwrap_or_default())
    }
}

impl Notice {
    /// The outcome, if there is one to tell.
    pub fn show(&self, visit: &Visit) -> Markup {
        let texts = &visit.texts.shop;
        let done = self.notice.as_deref().and_then(|notice| texts.notice(notice));
        html! {
            @if let Some(done) = done { p.notice role="status" { (done) } }
            @if let Some(problem) = &self.problem { p.notice.problem role="alert" { (texts.problem(problem)) } }
        }
    }
}
