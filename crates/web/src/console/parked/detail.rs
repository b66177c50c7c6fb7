use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use reqwest::Method;
use serde::Deserialize;

use super::deciding::Action;
use super::list::{After, Parked};
use crate::console::api::{Api, Refusal};
use crate::console::audit::decisions;
use crate::console::body::Body;
use crate::console::done::Done;
use crate::console::form::{Form, token_field};
use crate::console::page::ConsolePage;
use crate::console::reason::{Why, reason_field};
use crate::console::session::Session;
use crate::console::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{ConsoleTexts, ParkedTexts, Texts};

#[derive(Deserialize)]
struct Details {
    #[serde(flatten)]
    parked: Parked,
    position: i64,
    #[serde(flatten)]
    body: Body,
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Path((service, id)): Path<(Service, i64)>,
    Query(done): Query<Done>,
) -> Page {
    page(&state, texts, &session, &api, (service, id), done.notice(texts)).await
}

pub async fn decide(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Path((service, id, action)): Path<(Service, i64, Action)>,
    Form(why): Form<Why>,
) -> Response {
    if action.needs_reason() && why.reason().is_empty() {
        let wrong = html! { p.notice role="alert" { (texts.console.reason_needed) } };
        return page(&state, texts, &session, &api, (service, id), wrong).await.into_response();
    }
    let number = id.to_string();
    let path = [service.name(), "parked", &number, action.name()];
    match api.act(service, Method::POST, &path, &[("reason", why.reason())], None).await {
        Ok(_) => Redirect::to(&format!("/console/parked?service={}", service.name())).into_response(),
        Err(refusal) => {
            page(&state, texts, &session, &api, (service, id), html! { (refusal) }).await.into_response()
        }
    }
}

async fn page(
    state: &WebState,
    texts: &'static Texts,
    session: &Session,
    api: &Api,
    (service, id): (Service, i64),
    notice: Markup,
) -> Page {
    let own = &texts.console.parked;
    let number = id.to_string();
    let details: Result<Details, Refusal> = api.get(service, &[service.name(), "parked", &number], &[]).await;
    let main = match details {
        Ok(details) => {
            let target = format!("{} {}", details.parked.source, details.parked.subject);
            let history = api.get(service, &[service.name(), "audit"], &[("target", &target)]).await;
            html! {
                h1 { (details.parked.r#type) }
                (notice)
                (facts(own, service, &details))
                div.actions { @for action in Action::of_state(&details.parked.state) { (form(state, session, &texts.console, (service, id), *action)) } }
                h2 { (own.body) }
                (details.body)
                h2 { (own.history) }
                @match history {
                    Ok(history) => { (decisions(&texts.console.audit, &[(service, history)])) }
                    Err(refusal) => { (refusal) }
                }
            }
        }
        Err(Refusal::NotThere) => html! { h1 { (own.title) } (notice) p.empty { (own.no_longer) } },
        Err(refusal) => html! { h1 { (own.title) } (notice) (refusal) },
    };
    ConsolePage { texts, session: Some(session), title: own.title, main }.into()
}

fn facts(texts: &ParkedTexts, service: Service, details: &Details) -> Markup {
    let Details { parked, position, .. } = details;
    html! {
        p.error { (parked.error.as_deref().unwrap_or("–")) }
        dl.facts {
            div { dt { (texts.service) } dd { (service.name()) } }
            div { dt { (texts.state) } dd { span class=(format!("badge {}", parked.state)) { (parked.state) } } }
            div { dt { (texts.source) } dd { (parked.source) } }
            div { dt { (texts.subject) } dd.id { (parked.subject) } }
            div { dt { (texts.sequence) } dd { (parked.sequence) " (" (texts.position) " " (position) ")" } }
            @if let Some(After { source, subject, sequence }) = &parked.after {
                div { dt { (texts.after) } dd.id { (source) " " (subject) " " (sequence) } }
            }
            div { dt { (texts.event_id) } dd.id { (parked.event_id.as_deref().unwrap_or("–")) } }
            div { dt { (texts.attempts) } dd { (parked.attempts) } }
            div { dt { (texts.since) } dd { (time(&parked.since)) } }
            div { dt { (texts.next_attempt) } dd { @match &parked.next_attempt { Some(at) => { (time(at)) } None => { (texts.never) } } } }
        }
    }
}

fn form(
    state: &WebState,
    session: &Session,
    texts: &ConsoleTexts,
    (service, id): (Service, i64),
    action: Action,
) -> Markup {
    let own = &texts.parked;
    html! {
        form.action method="post" action=(format!("/console/parked/{}/{id}/{}", service.name(), action.name())) {
            (token_field(state, session))
            p.hint { (action.meaning(own)) }
            (reason_field(texts, action.name(), action.needs_reason()))
            button type="submit" class=(action.name()) { (action.title(own)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::texts::EN;

    #[test]
    fn an_event_that_waits_for_one_of_another_subject_says_which() {
        let details = |after: Value| -> Details {
            let details = json!({
                "id": 1, "state": "waiting", "error": null, "attempts": 0, "next_attempt": null,
                "parked_at": "2026-01-01T00:00:00Z", "source": "/orders/orders", "subject": "order-7", "sequence": 1,
                "type": "orders.placed.v1", "event_id": null, "after": after, "position": 0,
            });
            serde_json::from_value(details).unwrap()
        };
        let shown = |after| facts(&EN.console.parked, Service::Inventory, &details(after)).into_string();
        let named = shown(json!({"source": "/cart/carts", "subject": "cart-3", "sequence": 12}));
        assert!(named.contains("Must come after") && named.contains("/cart/carts cart-3 12"), "{named}");
        assert!(!shown(Value::Null).contains("Must come after"));
    }
}
