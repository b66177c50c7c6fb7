//! One event: what it is, what it says, and what it belongs to.

use axum::extract::Path;
use maud::{Markup, html};
use uuid::Uuid;

use super::reading::{Entry, Tree, Whole};
use super::tree::tree;
use crate::console::api::Api;
use crate::console::encoded::encoded;
use crate::console::page::ConsolePage;
use crate::console::session::Session;
use crate::language::Language;
use crate::page::Page;
use crate::texts::EventsTexts;

pub async fn show(Language(texts): Language, session: Session, api: Api, Path(id): Path<Uuid>) -> Page {
    let own = &texts.console.events;
    let (whole, caused) = futures::join!(Whole::read(&api, id), Tree::read(&api, id));
    let main = html! {
        @match whole {
            Ok(Whole { entry, event }) => {
                h1 { (entry.r#type) }
                (facts(own, &entry))
                h2 { (own.tree) }
                @match caused { Ok(caused) => { (tree(own, &caused, id)) } Err(refusal) => { (refusal) } }
                h2 { (own.data) }
                @match event {
                    Some(event) => { pre.body tabindex="0" role="region" aria-label=(own.data) { (format!("{event:#}")) } }
                    None => { p.empty { (own.not_in_log) } }
                }
            }
            Err(refusal) => { h1 { (own.title) } (refusal) p { a href="/console/events" { (own.title) } } }
        }
    };
    ConsolePage { texts, session: Some(&session), title: own.title, main }.into()
}

fn facts(texts: &EventsTexts, event: &Entry) -> Markup {
    let of_subject = format!("/console/events?subject={}", encoded(&event.subject));
    let of_request = format!("/console/events?request={}", encoded(&event.correlation_id));
    html! {
        dl.facts {
            div { dt { (texts.time) } dd { time { (event.moment()) " UTC" } } }
            div { dt { (texts.source) } dd { (event.source) } }
            div { dt { (texts.subject) } dd.id { a href=(of_subject) { (event.subject) } " #" (event.sequence) } }
            div { dt { (texts.request) } dd.id { a href=(of_request) { (event.correlation_id) } } }
            div { dt { (texts.id) } dd.id { (event.id) } }
            @if let Some(cause) = event.causation_id {
                div { dt { (texts.cause) } dd.id { a href=(format!("/console/events/{cause}")) { (cause) } } }
            }
            div { dt { (texts.place) } dd { (event.log_offset) " / " (event.log_index) " · " (event.bytes) " " (texts.bytes) } }
        }
    }
}
