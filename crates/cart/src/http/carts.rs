use axum::extract::State;
use axum::http::header::{HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::{Json, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cart_body::CartBody;
use super::key::{ChangeKey, OpeningKey};
use super::preference::Preference;
use super::shopper::ShopperRequest;
use super::state::RouteState;
use super::writing::{Changed, marks, open_cart, write};
use crate::cart::{Command, Refusal};
use crate::commands::CommandError;
use crate::store;

#[derive(Deserialize, ToSchema)]
pub(super) struct OpenRequest {
    /// May also be attached later.
    shopper: Option<ShopperRequest>,
}

/// A new cart and the secret that opens it.
#[derive(Serialize, ToSchema)]
pub(super) struct Opened {
    id: Uuid,
    /// Send it as `Authorization: Bearer <token>` with every request for this cart. It is shown only here.
    token: String,
    #[schema(value_type = CartBody)]
    cart: Box<RawValue>,
}

/// Open a cart
#[utoipa::path(
    post, path = "/carts", tag = "cart", request_body = Option<OpenRequest>,
    params(("Idempotency-Key" = inline(Option<OpeningKey>), Header)),
    responses((status = 201, body = Opened, headers(
        ("location" = String, description = "the cart"),
        ("etag" = String, description = "The cart's version, in quotes."),
        ("change-version" = Option<i64>, description = "The version that this request gave the cart."),
        ("idempotency-replayed" = Option<String>, description = "`true` for a request that came before, with the same key."),
    ))),
)]
pub(super) async fn open(
    State(state): State<RouteState>,
    headers: HeaderMap,
    body: Option<Json<OpenRequest>>,
) -> Result<Response, Problem> {
    let shopper = body.and_then(|Json(OpenRequest { shopper })| shopper);
    let shopper = shopper.map(Into::into);
    let (answer, cart) = open_cart(&state.commands, &headers, shopper).await?;
    let id = answer.cart_id;
    let location: [(HeaderName, String); 1] = [(LOCATION, format!("/carts/{id}"))];
    let opened = Opened { id, token: state.tokens.of(id), cart };
    Ok((StatusCode::CREATED, location, marks(&answer), Json(opened)).into_response())
}

/// Get a cart
#[utoipa::path(
    get, path = "/carts/{id}", tag = "cart", security(("cart-token" = [])),
    responses((status = 200, body = CartBody)),
)]
pub(super) async fn get(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.tokens.check(id, &headers)?;
    let read = store::read_cart(&state.pool, id).await?;
    if read.unreadable.contains(&id) {
        return Err(CommandError::Unreadable.into());
    }
    let cart = read.carts.get(&id).ok_or(Refusal::UnknownCart)?;
    let suggestions = store::suggestions(&state.pool, id).await?;
    let body = CartBody::new(id, cart, read.holds.get(&id)).suggesting(&suggestions);
    Ok(Json(body).into_response())
}

/// Attach a shopper
#[utoipa::path(
    put, path = "/carts/{id}/shopper", tag = "cart", request_body = ShopperRequest, security(("cart-token" = [])),
    params(
        ("Idempotency-Key" = inline(Option<ChangeKey>), Header),
        ("Prefer" = inline(Option<Preference>), Header),
    ),
    responses(Changed),
)]
pub(super) async fn attach_shopper(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<ShopperRequest>, Problem>,
) -> Result<Response, Problem> {
    state.tokens.check(id, &headers)?;
    let Json(shopper) = body?;
    write(&state.commands, id, &headers, Command::Attach(shopper.into())).await
}
