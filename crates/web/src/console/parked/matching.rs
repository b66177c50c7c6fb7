//! A decision on all events that match, with a preview.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use service::Decided;

use super::deciding::Action;
use super::filter::Filter;
use crate::console::api::{Api, Refusal};
use crate::console::form::{Form, token_field};
use crate::console::page::ConsolePage;
use crate::console::reason::{Why, reason_field};
use crate::console::session::Session;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::Texts;

/// What is decided on which events.
#[derive(Deserialize)]
pub struct Decision {
    action: Action,
    #[serde(flatten)]
    why: Why,
    #[serde(flatten)]
    filter: Filter,
}

pub async fn preview(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(decision): Query<Decision>,
) -> Page {
    let main = match ask(&api, &decision, true, None).await {
        Ok(found) => preview_of(&state, texts, &session, &decision, &found),
        Err(refusal) => html! { (refusal) },
    };
    page(texts, &session, main)
}

/// Goes on until all are done: each request decides on some hundreds.
pub async fn decide(
    Language(texts): Language,
    session: Session,
    api: Api,
    Form(decision): Form<Decision>,
) -> Response {
    if decision.action.needs_reason() && decision.why.reason().is_empty() {
        return page(texts, &session, html! { p.notice role="alert" { (texts.console.reason_needed) } })
            .into_response();
    }
    let mut after = None;
    loop {
        match ask(&api, &decision, false, after).await {
            Ok(Decided { next: Some(next), .. }) => after = Some(next),
            Ok(_) => {
                return Redirect::to(&format!("/console/parked?service={}", decision.filter.service))
                    .into_response();
            }
            Err(refusal) => return page(texts, &session, html! { (refusal) }).into_response(),
        }
    }
}

async fn ask(api: &Api, decision: &Decision, dry_run: bool, after: Option<i64>) -> Result<Decided, Refusal> {
    let service = Service::named(&decision.filter.service).ok_or(Refusal::NotThere)?;
    let mut body = decision.filter.body();
    body.insert("dry_run".to_owned(), dry_run.into());
    body.extend(after.map(|after| ("after".to_owned(), after.into())));
    let reason = Some(decision.why.reason()).filter(|reason| !reason.is_empty());
    body.extend(reason.map(|reason| ("reason".to_owned(), reason.into())));
    let path = [service.name(), "parked", decision.action.name()];
    let answer = api.act(service, Method::POST, &path, &[], Some(&Value::Object(body))).await?;
    serde_json::from_value(answer).map_err(|_| Refusal::Silent(service))
}

fn preview_of(
    state: &WebState,
    texts: &Texts,
    session: &Session,
    decision: &Decision,
    found: &Decided,
) -> Markup {
    let own = &texts.console.parked;
    html! {
        h1 { (decision.action.title(own)) ": " (found.events) " " (if found.events == 1 { own.event } else { own.events }) }
        p.lead { (decision.action.meaning(own)) }
        @if found.events == 0 { p.empty { (own.nothing_to_decide) } } @else {
            ul.groups {
                @for group in &found.groups {
                    li { strong { (group.events) } " × " (group.r#type) @if let Some(error) = &group.error { ": " span.error { (error) } } }
                }
            }
            form.action method="post" action="/console/parked/matching" {
                (token_field(state, session))
                (decision.filter.hidden())
                input type="hidden" name="action" value=(decision.action.name());
                (reason_field(&texts.console, decision.action.name(), decision.action.needs_reason()))
                button type="submit" class=(decision.action.name()) { (decision.action.title(own)) " (" (found.events) ")" }
            }
        }
        p { a href=(format!("/console/parked?service={}", decision.filter.service)) { (texts.console.back) } }
    }
}

fn page(texts: &'static Texts, session: &Session, main: Markup) -> Page {
    ConsolePage { texts, session: Some(session), title: texts.console.parked.title, main }.into()
}
