use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::{Json, Path, Problem, Sku};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::Fields;
use super::state::RouteState;
use super::writing::{ChangeHeaders, Changed, write};
use crate::cart::Command;

#[derive(Deserialize, ToSchema)]
pub(super) struct AddRequest {
    sku: Sku,
    /// How many pieces more; at least 1.
    #[schema(example = 2, minimum = 1)]
    quantity: i64,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct QuantityRequest {
    /// How many pieces the line should have; at least 1.
    #[schema(example = 3, minimum = 1)]
    quantity: i64,
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"fields": {"engraving": "For Ann"}}))]
pub(super) struct FieldsRequest {
    /// All that the line should have, by their names; none for none.
    fields: Fields,
}

/// Add pieces of a product
#[utoipa::path(
    post, path = "/carts/{id}/items", tag = "cart", request_body = AddRequest, security(("cart-token" = [])),
    params(ChangeHeaders), responses(Changed),
)]
pub(super) async fn add(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<AddRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(AddRequest { sku, quantity }) = body?;
    write(&state.commands, &access, Command::Add { sku: sku.into(), quantity }).await
}

/// Set a line's quantity
#[utoipa::path(
    patch, path = "/carts/{id}/items/{sku}", tag = "cart", request_body = QuantityRequest,
    security(("cart-token" = [])), params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn set_quantity(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
    body: Result<Json<QuantityRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(QuantityRequest { quantity }) = body?;
    write(&state.commands, &access, Command::SetQuantity { sku: sku.into(), quantity }).await
}

/// Set a line's quantity, or add the line
#[utoipa::path(
    put, path = "/carts/{id}/items/{sku}", tag = "cart", request_body = QuantityRequest,
    security(("cart-token" = [])), params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn put(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
    body: Result<Json<QuantityRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(QuantityRequest { quantity }) = body?;
    write(&state.commands, &access, Command::Put { sku: sku.into(), quantity }).await
}

/// Set a line's own fields
///
/// They are the storefront's: an engraving, a wish. They replace those that the line had.
#[utoipa::path(
    put, path = "/carts/{id}/items/{sku}/fields", tag = "cart", request_body = FieldsRequest,
    security(("cart-token" = [])), params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn set_fields(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
    body: Result<Json<FieldsRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(FieldsRequest { fields }) = body?;
    let fields: BTreeMap<String, String> = fields.into();
    write(&state.commands, &access, Command::SetFields { sku: sku.into(), fields }).await
}

/// Remove a line
#[utoipa::path(
    delete, path = "/carts/{id}/items/{sku}", tag = "cart", security(("cart-token" = [])),
    params(("sku" = inline(Sku), Path), ChangeHeaders), responses(Changed),
)]
pub(super) async fn remove(
    State(state): State<RouteState>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&state.commands, &state.access(id, &headers)?, Command::Remove { sku: sku.into() }).await
}

/// Remove all lines
///
/// What is saved for later stays.
#[utoipa::path(
    delete, path = "/carts/{id}/items", tag = "cart", security(("cart-token" = [])), params(ChangeHeaders),
    responses(Changed),
)]
pub(super) async fn clear(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&state.commands, &state.access(id, &headers)?, Command::Clear).await
}
