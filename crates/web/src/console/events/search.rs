//! Finding events.

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use events::definitions;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::reading::{Entry, Found};
use crate::console::api::Api;
use crate::console::encoded::encoded;
use crate::console::page::ConsolePage;
use crate::console::session::Session;
use crate::console::table::table;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::texts::EventsTexts;

/// Which events.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    id: String,
    r#type: String,
    subject: String,
    request: String,
    /// As browsers send a date and a time: `2026-11-29T18:04`, in UTC.
    from: String,
    until: String,
    after: String,
}

pub async fn find(
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(wanted): Query<Wanted>,
) -> Response {
    if let Ok(id) = wanted.id.trim().parse::<Uuid>() {
        return Redirect::to(&format!("/console/events/{id}")).into_response();
    }
    let own = &texts.console.events;
    let (from, until) = (moment(&wanted.from), moment(&wanted.until));
    let Wanted { r#type, subject, request, after, .. } = &wanted;
    let query = [
        ("type", r#type.as_str()),
        ("subject", subject.trim()),
        ("request", request.trim()),
        ("from", &from),
        ("until", &until),
        ("after", after),
    ];
    let found: Result<Found, _> = api.get(Service::Analytics, &["analytics", "events"], &query).await;
    let main = html! {
        h1 { (own.title) }
        p.lead { (own.lead) }
        (form(own, &wanted))
        @match found {
            Ok(found) => {
                (list(own, &found.events))
                @if let Some(next) = found.next { p { a href=(next_page(&wanted, next)) { (own.more) } } }
            }
            Err(refusal) => { (refusal) }
        }
    };
    Page::from(ConsolePage { texts, session: Some(&session), title: own.title, main }).into_response()
}

/// With seconds and a time zone, as analytics wants it.
fn moment(local: &str) -> String {
    match local.len() {
        0 => String::new(),
        16 => format!("{local}:00Z"),
        _ => format!("{}Z", local.trim_end_matches('Z')),
    }
}

fn next_page(wanted: &Wanted, next: Uuid) -> String {
    let Wanted { r#type, subject, request, from, until, .. } = wanted;
    let [kind, subject, request, from, until] =
        [r#type, subject, request, from, until].map(|text| encoded(text));
    format!(
        "/console/events?type={kind}&subject={subject}&request={request}&from={from}&until={until}&after={next}"
    )
}

fn form(texts: &EventsTexts, wanted: &Wanted) -> Markup {
    let text = |name: &str, label: &str, value: &str| {
        html! {
            div { label for=(name) { (label) } input id=(name) name=(name) value=(value) autocomplete="off" spellcheck="false"; }
        }
    };
    let time = |name: &str, label: &str, value: &str| {
        html! {
            div { label for=(name) { (label) } input id=(name) name=(name) type="datetime-local" value=(value); }
        }
    };
    html! {
        form.filter role="search" action="/console/events" {
            div {
                label for="type" { (texts.kind) }
                select #type name="type" {
                    option value="" { (texts.all) }
                    @for definition in definitions() { option selected[definition.name == wanted.r#type] { (definition.name) } }
                }
            }
            (text("subject", texts.subject, &wanted.subject))
            (time("from", texts.from, &wanted.from))
            (time("until", texts.until, &wanted.until))
            (text("request", texts.request, &wanted.request))
            (text("id", texts.id, &wanted.id))
            button type="submit" { (texts.find) }
        }
    }
}

fn list(texts: &EventsTexts, events: &[Entry]) -> Markup {
    let columns =
        [(texts.time, ""), (texts.event, "type"), (texts.subject, "id"), (texts.sequence, "number")];
    let rows = events.iter().map(|event| {
        let about = format!("/console/events?subject={}", encoded(&event.subject));
        vec![
            html! { time { (event.moment()) } },
            html! { a href=(event.page()) { (event.r#type) } },
            html! { a href=(about) { (event.subject) } },
            html! { (event.sequence) },
        ]
    });
    html! {
        @if events.is_empty() { p.empty { (texts.none) } } @else { (table(texts.title, &columns, rows)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_time_is_utc() {
        assert_eq!(moment("2026-11-29T18:04"), "2026-11-29T18:04:00Z");
        assert_eq!(moment("2026-11-29T18:04:30"), "2026-11-29T18:04:30Z");
        assert_eq!(moment(""), "");
    }
}
