use futures::future::join_all;
use maud::{Markup, html};

use super::action::Action;
use super::letter::Letter;
use crate::console::api::{Api, Refusal};
use crate::console::page::ConsolePage;
use crate::console::session::Session;
use crate::console::table::table;
use crate::console::time::time;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{ConsoleTexts, Texts};

/// The dead letters of these services. Asked are only those of which the metrics count some: in normal operation, none.
pub async fn list(
    texts: &Texts,
    state: &WebState,
    session: &Session,
    api: &Api,
    services: &[Service],
) -> Markup {
    let metrics = state.console.sampler.look(&state.services).await.now;
    let counted = metrics.by("bus_dead_letters", &[], "service");
    let has_some =
        |service: &&Service| counted.iter().any(|(name, number)| *name == service.name() && *number > 0.0);
    let lists = services.iter().filter(has_some).map(async |service| {
        (*service, api.get::<Vec<Letter>>(*service, &[service.name(), "dead-letters"], &[]).await)
    });
    let lists = join_all(lists).await;
    html! { @for (service, letters) in &lists { (of_service(&texts.console, state, session, *service, letters)) } }
}

fn of_service(
    texts: &ConsoleTexts,
    state: &WebState,
    session: &Session,
    service: Service,
    letters: &Result<Vec<Letter>, Refusal>,
) -> Markup {
    let own = &texts.dead;
    let title = format!("{} {}", own.title_of, service.name());
    html! {
        section.dead {
            h2 { (title) }
            @match letters {
                Err(refusal) => (refusal),
                Ok(letters) if letters.is_empty() => { p.empty { (own.gone) } }
                Ok(letters) => {
                    p.hint { (own.meaning) }
                    (letters_table(texts, &title, service, letters))
                    details {
                        summary { (own.all_of_them) }
                        div.actions {
                            @for action in Action::ALL {
                                (action.form(state, session, texts, &format!("/console/dead/{}/all", service.name())))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn letters_table(texts: &ConsoleTexts, title: &str, service: Service, letters: &[Letter]) -> Markup {
    let own = &texts.dead;
    let columns = [
        (own.reason, ""),
        (texts.parked.kind, "type"),
        (own.events, "id"),
        (own.bytes, "number"),
        (own.since, ""),
    ];
    let rows = letters.iter().map(|letter| {
        let url = format!("/console/dead/{}/{}", service.name(), letter.id);
        vec![
            html! { span.badge.failed { (letter.reason) } },
            html! { a href=(url) { (letter.title(own)) } },
            letter.about(own),
            html! { (letter.bytes) },
            html! { @match &letter.since { Some(since) => (time(since)), None => "–" } },
        ]
    });
    table(title, &columns, rows)
}

/// What became of a decision on all.
pub fn outcome(texts: &'static Texts, session: &Session, notice: &Markup) -> Page {
    let main = html! {
        h1 { (texts.console.dead.title) }
        (notice)
        p { a href="/console/parked" { (texts.console.back) } }
    };
    ConsolePage { texts, session: Some(session), title: texts.console.parked.title, main }.into()
}
