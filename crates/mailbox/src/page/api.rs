//! JSON for tests and tools.

use axum::{
    Json,
    extract::{Path, Query as Parameters, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use super::state::Page;
use crate::{
    mail::Mail,
    store::index::{Query, Summary},
};

const MAX_LIMIT: usize = 1000;

#[derive(Serialize)]
pub(super) struct Count {
    delivered: u64,
    resent: u64,
}

pub(super) async fn mails(State(page): State<Page>, Parameters(mut query): Parameters<Query>) -> Response {
    query.limit = query.limit.min(MAX_LIMIT);
    let mails = page.store.index().mails(&query);
    Json(mails.iter().map(AsRef::as_ref).collect::<Vec<&Summary>>()).into_response()
}

pub(super) async fn mail(State(page): State<Page>, Path(number): Path<u64>) -> Result<Json<Mail>, Response> {
    match Mail::find(&page.store, number).await {
        Ok(Some(mail)) => Ok(Json(mail)),
        Ok(None) => Err(problem(StatusCode::NOT_FOUND, &format!("There is no mail {number}"))),
        Err(error) => {
            tracing::error!(%error, "mailbox can't read its store");
            Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "The store can't be read"))
        }
    }
}

pub(super) async fn count(State(page): State<Page>) -> Json<Count> {
    let index = page.store.index();
    Json(Count { delivered: index.len(), resent: index.resent() })
}

/// RFC 9457
fn problem(status: StatusCode, title: &str) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, content_type, Json(json!({ "status": status.as_u16(), "title": title }))).into_response()
}
