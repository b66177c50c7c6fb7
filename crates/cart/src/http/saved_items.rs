use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use service::{Path, Problem, Sku};
use uuid::Uuid;

use super::state::RouteState;
use super::writing::{ChangeHeaders, Changed, write};
use crate::cart::Command;

/// Save a line for later
///
/// It leaves the cart for the list `saved`, and nothing is held for it there.
#[utoipa::path(
    post, path = "/carts/{id}/items/{sku}/save", tag = "cart", security(("cart-token" = [])),
    params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn save(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&state.commands, &state.access(id, &headers)?, Command::SaveForLater { sku: sku.into() }).await
}

/// Move back what was saved for later
///
/// It is in the cart again, with the pieces that the cart has of it.
#[utoipa::path(
    post, path = "/carts/{id}/saved/{sku}/move-back", tag = "cart", security(("cart-token" = [])),
    params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn move_back(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&state.commands, &state.access(id, &headers)?, Command::MoveBack { sku: sku.into() }).await
}

/// Remove what was saved for later
#[utoipa::path(
    delete, path = "/carts/{id}/saved/{sku}", operation_id = "remove_saved", tag = "cart", security(("cart-token" = [])),
    params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn remove(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&state.commands, &state.access(id, &headers)?, Command::RemoveSaved { sku: sku.into() }).await
}
