//! What flows between the services, as a picture that moves; what is wrong, and how to fix it.

mod diagram;
mod findings;
mod reading;
mod sampler;
mod samples;

use axum::extract::State;
use maud::{Markup, html};

use super::page::ConsolePage;
use super::session::Session;
use crate::language::Language;
use crate::page::Page;
use crate::state::WebState;
use crate::texts::FlowTexts;
use diagram::{per_second, picture};
use findings::{Finding, findings};
use reading::{Flow, ServiceFlow};

pub use sampler::Sampler;

pub async fn show(State(state): State<WebState>, Language(texts): Language, session: Session) -> Page {
    let parts = moving_parts(&texts.console.flow, &state).await;
    let main = html! {
        h1 { (texts.console.flow.title) }
        div data-refresh="/console/flow/now" { (parts) }
    };
    ConsolePage { texts, session: Some(&session), title: texts.console.flow.title, main }.into()
}

/// What is fetched again every moment.
pub async fn now(State(state): State<WebState>, Language(texts): Language) -> Markup {
    moving_parts(&texts.console.flow, &state).await
}

async fn moving_parts(texts: &FlowTexts, state: &WebState) -> Markup {
    let flow = Flow::of(&state.console.sampler.look(&state.services).await);
    let wrong: Vec<Finding> = flow.services.iter().flat_map(findings).collect();
    html! {
        (verdict(texts, &wrong))
        (picture(texts, &flow))
        div.cards {
            @for service in &flow.services { (card(texts, service)) }
        }
        // Below, so that nothing moves away under the reader's hand when something goes wrong.
        (remedies(&wrong, texts))
    }
}

fn verdict(texts: &FlowTexts, wrong: &[Finding]) -> Markup {
    html! {
        section.verdict aria-live="polite" aria-label=(texts.state) {
            @if let Some(first) = wrong.first() {
                p.wrong {
                    a href="#findings" {
                        strong { (first.service) } ": " (first.what)
                        @if wrong.len() > 1 { " (+" (wrong.len() - 1) ")" }
                    }
                }
            } @else {
                p.good { (texts.all_well) }
            }
        }
    }
}

/// What is wrong, and how to fix it.
fn remedies(wrong: &[Finding], texts: &FlowTexts) -> Markup {
    html! {
        ul #findings.findings {
            @for finding in wrong {
                li {
                    p.what { strong { (finding.service) } ": " (finding.what) "." }
                    p.fix {
                        (with_commands(finding.fix))
                        @if let Some(page) = &finding.page { " " a href=(page) { (texts.go_there) } }
                    }
                }
            }
        }
    }
}

/// What is between backticks is typed.
fn with_commands(text: &str) -> Markup {
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn card(texts: &FlowTexts, service: &ServiceFlow) -> Markup {
    let class = if findings(service).is_empty() { "card" } else { "card wrong" };
    html! {
        section class=(class) {
            h2 { (service.name) }
            @if service.answers {
                dl { (figures(texts, service)) }
            } @else {
                p { (texts.no_answer) }
            }
        }
    }
}

/// What is nothing is quiet, and what must be nothing is red where it isn't.
fn figures(texts: &FlowTexts, service: &ServiceFlow) -> Markup {
    let count = |name, count: f64| (name, count.to_string(), if count > 0.0 { "" } else { "nothing" });
    let wrong = |name, count: f64| (name, count.to_string(), if count > 0.0 { "wrong" } else { "nothing" });
    let rate = |name, rate: Option<f64>| {
        (name, per_second(texts, rate), if rate.is_some_and(|rate| rate > 0.0) { "" } else { "nothing" })
    };
    let age = format!("{:.0} s", service.outbox_age);
    let figures = [
        rate(texts.published, service.published),
        rate(texts.taken, service.taken),
        count(texts.in_queue, service.queue),
        count(texts.in_outbox, service.outbox),
        (texts.outbox_age, age, if service.outbox_age >= 1.0 { "" } else { "nothing" }),
        wrong(texts.parked_failed, service.parked_failed),
        count(texts.parked_waiting, service.parked_waiting),
        wrong(texts.dead, service.dead),
        count(texts.timers_due, service.timers_due),
    ];
    html! { @for (name, figure, class) in figures { div class=(class) { dt { (name) } dd { (figure) } } } }
}
