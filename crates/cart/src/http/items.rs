use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::{Json, Path, Problem, Sku};
use utoipa::ToSchema;
use uuid::Uuid;

use super::key::ChangeKey;
use super::preference::Preference;
use super::state::RouteState;
use super::writing::{Changed, write};
use crate::cart::Command;

#[derive(Deserialize, ToSchema)]
pub(super) struct AddRequest {
    sku: Sku,
    /// How many pieces more; at least 1.
    #[schema(example = 2)]
    quantity: i64,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct QuantityRequest {
    /// How many pieces the line should have; at least 1.
    #[schema(example = 3)]
    quantity: i64,
}

/// Add pieces of a product
#[utoipa::path(
    post, path = "/carts/{id}/items", tag = "cart", request_body = AddRequest, security(("cart-token" = [])),
    params(
        ("Idempotency-Key" = inline(Option<ChangeKey>), Header),
        ("Prefer" = inline(Option<Preference>), Header),
    ),
    responses(Changed),
)]
pub(super) async fn add(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<AddRequest>, Problem>,
) -> Result<Response, Problem> {
    state.tokens.check(id, &headers)?;
    let Json(AddRequest { sku, quantity }) = body?;
    write(&state.commands, id, &headers, Command::Add { sku: sku.into(), quantity }).await
}

/// Set a line's quantity
#[utoipa::path(
    patch, path = "/carts/{id}/items/{sku}", tag = "cart", request_body = QuantityRequest,
    security(("cart-token" = [])),
    params(
        ("sku" = inline(Sku), Path),
        ("Idempotency-Key" = inline(Option<ChangeKey>), Header),
        ("Prefer" = inline(Option<Preference>), Header),
    ),
    responses(Changed),
)]
pub(super) async fn set_quantity(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
    body: Result<Json<QuantityRequest>, Problem>,
) -> Result<Response, Problem> {
    state.tokens.check(id, &headers)?;
    let Json(QuantityRequest { quantity }) = body?;
    write(&state.commands, id, &headers, Command::SetQuantity { sku: sku.into(), quantity }).await
}

/// Remove a line
#[utoipa::path(
    delete, path = "/carts/{id}/items/{sku}", tag = "cart", security(("cart-token" = [])),

    params(
        ("sku" = inline(Sku), Path),
        ("Idempotency-Key" = inline(Option<ChangeKey>), Header),
        ("Prefer" = inline(Option<Preference>), Header),
    ),
    responses(Changed),
)]
pub(super) async fn remove(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.tokens.check(id, &headers)?;
    write(&state.commands, id, &headers, Command::Remove { sku: sku.into() }).await
}
