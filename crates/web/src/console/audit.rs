//! What staff have done: each service keeps what was done there.

use axum::extract::Query;
use futures::future::join_all;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::page::ConsolePage;
use super::session::Session;
use super::table::table;
use super::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::texts::AuditTexts;

/// Something that was done.
#[derive(Deserialize)]
pub struct Decision {
    at: String,
    operator: Option<String>,
    action: String,
    target: String,
    reason: Option<String>,
    details: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    service: String,
    target: String,
}

pub async fn show(
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(filter): Query<Filter>,
) -> Page {
    let own = &texts.console.audit;
    let services =
        Service::named(&filter.service).map_or_else(|| Service::ALL.to_vec(), |service| vec![service]);
    let query = [("target", filter.target.as_str()), ("limit", "100")];
    let lists = join_all(
        services.iter().map(async |service| api.get(*service, &[service.name(), "audit"], &query).await),
    )
    .await;
    let (mut done, mut refusals) = (Vec::new(), Vec::new());
    for (service, list) in services.into_iter().zip(lists) {
        match list {
            Ok(list) => done.push((service, list)),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let main = html! {
        h1 { (own.title) }
        p.lead { (own.lead) }
        form.filter role="search" action="/console/audit" {
            div {
                label for="service" { (own.service) }
                select #service name="service" {
                    option value="" { (own.all) }
                    @for service in Service::ALL {
                        option value=(service.name()) selected[service.name() == filter.service] { (service.name()) }
                    }
                }
            }
            div { label for="target" { (own.target) } input #target name="target" value=(filter.target); }
            button type="submit" { (own.find) }
        }
        @for refusal in refusals { (refusal) }
        (decisions(own, &done))
    };
    ConsolePage { texts, session: Some(&session), title: own.title, main }.into()
}

/// A table of what was done in some services, the latest first.
pub fn decisions(texts: &AuditTexts, done: &[(Service, Vec<Decision>)]) -> Markup {
    let mut all: Vec<(Service, &Decision)> =
        done.iter().flat_map(|(service, list)| list.iter().map(|decision| (*service, decision))).collect();
    all.sort_by(|(_, one), (_, other)| other.at.cmp(&one.at));
    if all.is_empty() {
        return html! { p.empty { (texts.none) } };
    }
    let columns = [
        (texts.at, ""),
        (texts.who, ""),
        (texts.service, ""),
        (texts.action, ""),
        (texts.target, "id"),
        (texts.reason, ""),
        (texts.details, "more"),
    ];
    table(texts.title, &columns, all.into_iter().map(|(service, decision)| row(texts, service, decision)))
}

fn row(texts: &AuditTexts, service: Service, decision: &Decision) -> Vec<Markup> {
    vec![
        time(&decision.at),
        html! { (decision.operator.as_deref().unwrap_or(texts.nobody)) },
        html! { (service.name()) },
        html! { (decision.action) },
        html! { (decision.target) },
        html! { (decision.reason.as_deref().unwrap_or("–")) },
        html! { details { summary { (texts.details) } pre { (decision.details) } } },
    ]
}
