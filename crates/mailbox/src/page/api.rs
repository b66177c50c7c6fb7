//! JSON for tests and tools.

use axum::{
    Json,
    extract::{Path, Query as Parameters, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use super::Mail;
use crate::{Mailbox, Query, Summary};

const MOST: usize = 1000;

#[derive(Serialize)]
pub(super) struct Count {
    delivered: u64,
    resent: u64,
}

pub(super) async fn mails(
    State(mailbox): State<Mailbox>,
    Parameters(mut query): Parameters<Query>,
) -> Response {
    query.limit = query.limit.min(MOST);
    let mails = mailbox.mails(&query);
    Json(mails.iter().map(AsRef::as_ref).collect::<Vec<&Summary>>()).into_response()
}

pub(super) async fn mail(
    State(mailbox): State<Mailbox>,
    Path(number): Path<u64>,
) -> Result<Json<Mail>, Response> {
    match mailbox.mail(number).await {
        Ok(Some(mail)) => Ok(Json(mail)),
        Ok(None) => Err(problem(StatusCode::NOT_FOUND, &format!("There is no mail {number}"))),
        Err(error) => {
            tracing::error!(%error, "mailbox can't read its store");
            Err(problem(StatusCode::INTERNAL_SERVER_ERROR, "The store can't be read"))
        }
    }
}

pub(super) async fn count(State(mailbox): State<Mailbox>) -> Json<Count> {
    Json(Count { delivered: mailbox.delivered(), resent: mailbox.resent() })
}

/// RFC 9457
fn problem(status: StatusCode, title: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, Json(json!({ "status": status.as_u16(), "title": title }))).into_response()
}
