use axum::extract::{Path, State};
use maud::{Markup, html};
use serde::Deserialize;

use super::action::Action;
use super::letter::Letter;
use crate::console::api::{Api, Refusal};
use crate::console::body::Body;
use crate::console::page::ConsolePage;
use crate::console::session::Session;
use crate::console::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{ConsoleTexts, Texts};

/// A dead letter with all that is in it.
#[derive(Deserialize)]
struct Details {
    #[serde(flatten)]
    letter: Letter,
    headers: Vec<Header>,
    #[serde(flatten)]
    body: Body,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Path((service, id)): Path<(Service, String)>,
) -> Page {
    page(&state, texts, &session, &api, (service, &id), &html! {}).await
}

/// Something that went otherwise than was meant.
pub fn said(what: &str) -> Markup {
    html! { p.notice role="alert" { (what) } }
}

pub async fn page(
    state: &WebState,
    texts: &'static Texts,
    session: &Session,
    api: &Api,
    (service, id): (Service, &str),
    notice: &Markup,
) -> Page {
    let own = &texts.console.dead;
    let details: Result<Details, Refusal> =
        api.get(service, &[service.name(), "dead-letters", id], &[]).await;
    let main = match details {
        Ok(details) => html! {
            h1 { (details.letter.title(own)) }
            (notice)
            (facts(&texts.console, service, &details.letter))
            div.actions {
                @for action in Action::ALL.into_iter().filter(|action| *action == Action::Discard || !details.letter.events.is_empty()) {
                    (action.form(state, session, &texts.console, &format!("/console/dead/{}/{id}", service.name())))
                }
            }
            h2 { (texts.console.parked.body) }
            (details.body)
            h2 { (own.headers) }
            @if details.headers.is_empty() { p.empty { (own.no_headers) } } @else {
                dl.facts { @for Header { name, value } in &details.headers { div { dt { (name) } dd.id { (value) } } } }
            }
        },
        Err(Refusal::NotThere) => html! { h1 { (own.title) } (notice) p.empty { (own.no_longer) } },
        Err(refusal) => html! { h1 { (own.title) } (notice) (refusal) },
    };
    ConsolePage { texts, session: Some(session), title: texts.console.parked.title, main }.into()
}

fn facts(texts: &ConsoleTexts, service: Service, letter: &Letter) -> Markup {
    let own = &texts.dead;
    html! {
        p.error { (own.meaning_of(&letter.reason)) }
        dl.facts {
            div { dt { (texts.parked.service) } dd { (service.name()) } }
            div { dt { (own.reason) } dd { (letter.reason) } }
            div { dt { (own.events) } dd.id { (letter.about(own)) } }
            div { dt { (own.since) } dd { @match &letter.since { Some(since) => (time(since)), None => "–" } } }
            div { dt { (own.bytes) } dd { (letter.bytes) } }
        }
    }
}
