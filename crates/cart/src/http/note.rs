use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::{Json, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::state::RouteState;
use super::writing::{ChangeHeaders, Changed, write};
use crate::cart::{Command, MAX_NOTE};

service::texts! {
    /// A shopper's note.
    pub(super) Note: "a note", 1..=MAX_NOTE, "text without control characters but tabs and line breaks", service::LINES,
        for example "Please ring twice.";
}

#[derive(Deserialize, ToSchema)]
pub(super) struct NoteRequest {
    /// `null` removes it.
    note: Option<Note>,
}

/// Write a cart's note, or remove it
#[utoipa::path(
    put, path = "/carts/{id}/note", tag = "cart", request_body = NoteRequest, security(("cart-token" = [])),
    params(ChangeHeaders), responses(Changed),
)]
pub(super) async fn set(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<NoteRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(NoteRequest { note }) = body?;
    write(&state.commands, &access, Command::SetNote(note.map(Into::into))).await
}
