use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::header::{HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::{Json, Path, Problem, ProblemBody};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Rest;
use super::requests::{ShopperRequest, json};
use crate::body::CartBody;
use crate::cart::{Command, Refusal};
use crate::commands::Answer;
use crate::store;

#[derive(Deserialize, ToSchema, Default)]
pub(super) struct OpenRequest {
    /// May also be attached later.
    shopper: Option<ShopperRequest>,
}

/// A new cart and the secret that opens it.
#[derive(Serialize, ToSchema)]
pub(super) struct Opened {
    id: Uuid,
    /// Send it as `Authorization: Bearer <token>` with every request for this cart. It is told once.
    token: String,
    #[schema(value_type = CartBody)]
    cart: Box<RawValue>,
}

/// Open a cart
#[utoipa::path(
    post, path = "/carts", tag = "cart", request_body = Option<OpenRequest>,
    params(("Idempotency-Key" = Option<String>, Header, description = "At least 16 characters; a UUID")),
    responses(
        (status = 201, body = Opened, headers(("location" = String, description = "the cart"))),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn open(
    State(rest): State<Rest>,
    headers: HeaderMap,
    body: Result<Json<OpenRequest>, Problem>,
) -> Result<Response, Problem> {
    let Json(OpenRequest { shopper }) = if has_body(&headers) { body? } else { Json(OpenRequest::default()) };
    let shopper = shopper.map(TryInto::try_into).transpose()?;
    let Answer { cart_id: id, body } = rest.open(&headers, shopper).await?;
    let cart: Box<RawValue> = serde_json::from_slice(&body).map_err(|_| Problem::internal())?;
    let location: [(HeaderName, String); 1] = [(LOCATION, format!("/carts/{id}"))];
    let opened = Opened { id, token: rest.tokens.of(id), cart };
    Ok((StatusCode::CREATED, location, Json(opened)).into_response())
}

/// A bare POST opens a cart too.
fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get("content-length").and_then(|length| length.to_str().ok());
    length.is_some_and(|length| length != "0") || headers.contains_key("transfer-encoding")
}

/// A cart as it is
#[utoipa::path(
    get, path = "/carts/{id}", tag = "cart", security(("cart-token" = [])),
    responses(
        (status = 200, body = CartBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn get(
    State(rest): State<Rest>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    rest.opens(id, &headers)?;
    let read = store::read(&rest.pool, &BTreeSet::from([id])).await?;
    let cart = read.carts.get(&id).ok_or(Refusal::UnknownCart)?;
    let suggestions = store::suggestions(&rest.pool, id).await?;
    let body = CartBody::new(id, cart, read.holds.get(&id)).suggesting(&suggestions);
    let body = serde_json::to_vec(&body);
    Ok(json(StatusCode::OK, body.map_err(|_| Problem::internal())?))
}

/// Say whose cart it is
#[utoipa::path(
    put, path = "/carts/{id}/shopper", tag = "cart", request_body = ShopperRequest, security(("cart-token" = [])),
    params(("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = CartBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn attach_shopper(
    State(rest): State<Rest>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<ShopperRequest>, Problem>,
) -> Result<Response, Problem> {
    rest.opens(id, &headers)?;
    let shopper = body?.0.try_into()?;
    rest.write(id, &headers, Command::Attach(shopper)).await
}
