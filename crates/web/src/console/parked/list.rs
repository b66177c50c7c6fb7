use axum::extract::{Query, State};
use futures::future::join_all;
use maud::{Markup, html};
use serde::Deserialize;

use super::deciding::Action;
use super::filter::Filter;
use crate::console::api::Api;
use crate::console::dead_letters;
use crate::console::done::Done;
use crate::console::page::ConsolePage;
use crate::console::session::Session;
use crate::console::table::table;
use crate::console::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{ParkedTexts, Texts};

/// A parked event, as a service lists it.
#[derive(Deserialize)]
pub struct Parked {
    pub id: i64,
    pub state: String,
    pub error: Option<String>,
    pub attempts: i32,
    pub next_attempt: Option<String>,
    #[serde(rename = "parked_at")]
    pub since: String,
    pub source: String,
    pub subject: String,
    pub sequence: i64,
    pub r#type: String,
    pub event_id: Option<String>,
    pub after: Option<After>,
}

/// What an event must not overtake, of another subject.
#[derive(Deserialize)]
pub struct After {
    pub source: String,
    pub subject: String,
    pub sequence: i64,
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(filter): Query<Filter>,
    Query(done): Query<Done>,
) -> Page {
    let services = filter.services();
    let lists = services
        .iter()
        .map(async |service| api.get(*service, &[service.name(), "parked"], &filter.query()).await);
    let lists = join_all(lists).await;
    let own = &texts.console.parked;
    let mut found: Vec<(Service, Parked)> = Vec::new();
    let mut refusals = Vec::new();
    for (service, list) in services.iter().copied().zip(lists) {
        match list {
            Ok(list) => found.extend(Vec::<Parked>::into_iter(list).map(|parked| (service, parked))),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let main = html! {
        h1 { (own.title) }
        p.lead { (own.lead) }
        (done.notice(texts))
        (filter.form(own))
        @for refusal in refusals { (refusal) }
        @if found.is_empty() { p.empty { (own.none) } } @else {
            (events(own, &found))
            (decide_on_all(texts, &filter))
        }
        (dead_letters::list(texts, &state, &session, &api, &services).await)
    };
    ConsolePage { texts, session: Some(&session), title: own.title, main }.into()
}

fn events(texts: &ParkedTexts, found: &[(Service, Parked)]) -> Markup {
    let columns = [
        (texts.service, "name"),
        (texts.state, ""),
        (texts.kind, "type"),
        (texts.subject, "id"),
        (texts.error, "error"),
        (texts.attempts, "number"),
        (texts.since, ""),
    ];
    let rows = found.iter().map(|(service, parked)| {
        let url = format!("/console/parked/{}/{}", service.name(), parked.id);
        vec![
            html! { (service.name()) },
            html! { span class=(format!("badge {}", parked.state)) { (parked.state) } },
            html! { a href=(url) { (parked.r#type) } },
            html! { (parked.subject) },
            html! { (parked.error.as_deref().unwrap_or("–")) },
            html! { (parked.attempts) },
            time(&parked.since),
        ]
    });
    table(texts.title, &columns, rows)
}

/// Only of one service at a time: each decides by itself.
fn decide_on_all(texts: &Texts, filter: &Filter) -> Markup {
    let own = &texts.console.parked;
    html! {
        @if filter.service.is_empty() { p.hint { (own.choose_service) } } @else {
            form.row action="/console/parked/matching" {
                (filter.hidden())
                span { (own.all_that_match) }
                @for action in Action::ALL {
                    button.plain type="submit" name="action" value=(action.name()) { (action.title(own)) "…" }
                }
            }
        }
    }
}
