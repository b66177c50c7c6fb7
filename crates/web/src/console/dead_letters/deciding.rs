use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use reqwest::Method;
use serde::Deserialize;

use super::action::Action;
use super::detail::{page, said};
use crate::console::api::{Api, Refusal};
use crate::console::form::Form;
use crate::console::reason::Why;
use crate::console::session::Session;
use crate::language::Language;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::Texts;

#[derive(Deserialize)]
struct Settled {
    settled: u64,
    left: u64,
}

pub async fn decide(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Path((service, id, action)): Path<(Service, String, Action)>,
    Form(why): Form<Why>,
) -> Response {
    let path = [service.name(), "dead-letters", &id, action.name()];
    let outcome = act(&api, texts, service, &path, action, &why).await;
    match outcome {
        Ok(notice) if notice.is_empty() => to_list(service),
        Ok(notice) | Err(notice) => {
            page(&state, texts, &session, &api, (service, &id), &said(&notice)).await.into_response()
        }
    }
}

pub async fn decide_on_all(
    Language(texts): Language,
    session: Session,
    api: Api,
    Path((service, action)): Path<(Service, Action)>,
    Form(why): Form<Why>,
) -> Response {
    let path = [service.name(), "dead-letters", action.name()];
    match act(&api, texts, service, &path, action, &why).await {
        Ok(notice) if notice.is_empty() => to_list(service),
        Ok(notice) | Err(notice) => super::list::outcome(texts, &session, &said(&notice)).into_response(),
    }
}

/// Does it. What is returned is to be said; nothing, where all is done.
async fn act(
    api: &Api,
    texts: &Texts,
    service: Service,
    path: &[&str],
    action: Action,
    why: &Why,
) -> Result<String, String> {
    let reason = why.reason();
    if action == Action::Discard && reason.is_empty() {
        return Err(texts.console.reason_needed.to_owned());
    }
    let done = api.act(service, Method::POST, path, &[("reason", reason)], None).await;
    let settled =
        done.and_then(|body| serde_json::from_value::<Settled>(body).map_err(|_| Refusal::Silent(service)));
    match settled {
        Ok(Settled { left: 0, .. }) => Ok(String::new()),
        Ok(Settled { settled, left }) => {
            Ok(format!("{}: {settled}. {}: {left}.", texts.console.dead.taken_back, texts.console.dead.left))
        }
        Err(refusal) => Err(refusal.text(&texts.console)),
    }
}

fn to_list(service: Service) -> Response {
    Redirect::to(&format!("/console/parked?service={}&done=true", service.name())).into_response()
}
