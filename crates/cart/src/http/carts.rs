use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::{Json, Path, Problem, knows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cart_body::CartBody;
use super::conditions::{IfNoneMatch, body_tag};
use super::idempotency_key::{ChangeKey, OpeningKey};
use super::read_cart::read_shown;
use super::shopper::ShopperRequest;
use super::state::RouteState;
use super::writing::{ChangeHeaders, Changed, marks, open_cart, reopen_cart, write};
use crate::cart::Command;
use crate::commands::Answer;
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
    Ok(opened(&state, &answer, cart))
}

/// Open an expired cart again
///
/// All that was in it is in a new cart, with a token of its own: a cart that ended changes no more.
#[utoipa::path(
    post, path = "/carts/{id}/reopen", tag = "cart", security(("cart-token" = [])),
    params(("Idempotency-Key" = inline(Option<ChangeKey>), Header)),
    responses((status = 201, body = Opened, headers(
        ("location" = String, description = "the new cart"),
        ("etag" = String, description = "The new cart's version, in quotes."),
        ("change-version" = Option<i64>, description = "The version that this request gave the new cart."),
        ("idempotency-replayed" = Option<String>, description = "`true` for a request that came before, with the same key."),
    ))),
)]
pub(super) async fn reopen(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let (answer, cart) = reopen_cart(&state.commands, &access).await?;
    Ok(opened(&state, &answer, cart))
}

fn opened(state: &RouteState, answer: &Answer, cart: Box<RawValue>) -> Response {
    let id = answer.cart_id;
    let location: [(HeaderName, String); 1] = [(LOCATION, format!("/carts/{id}"))];
    let opened = Opened { id, token: state.tokens.numbered(id, answer.token_number), cart };
    (StatusCode::CREATED, location, marks(answer), Json(opened)).into_response()
}

/// Get a cart
#[utoipa::path(
    get, path = "/carts/{id}", tag = "cart", security(("cart-token" = [])),
    params(("If-None-Match" = inline(Option<IfNoneMatch>), Header)),
    responses(
        (status = 200, body = CartBody, headers(
            ("etag" = String, description = "Identifies all that is shown: the cart's version and, after a hyphen, everything else."),
        )),
        (status = 304, description = "The client has it already.", headers(
            ("etag" = String, description = "As with 200."),
        )),
    ),
)]
pub(super) async fn get(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = read_shown(&state, &state.access(id, &headers)?).await?;
    let suggestions = store::suggestions(&state.pool, id).await?;
    let body = serde_json::to_vec(&CartBody::new(&read.shown()).suggesting(&suggestions))?;
    let etag = body_tag(read.version(), &body);
    if knows(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    let json = HeaderValue::from_static("application/json");
    Ok(([(ETAG, etag)], [(CONTENT_TYPE, json)], body).into_response())
}

/// Delete a cart
///
/// With all that is in it. It changes no more, and answers 410.
#[utoipa::path(
    delete, path = "/carts/{id}", tag = "cart", security(("cart-token" = [])), params(ChangeHeaders),
    responses(Changed),
)]
pub(super) async fn delete(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&state.commands, &state.access(id, &headers)?, Command::Delete).await
}

/// Attach a shopper
#[utoipa::path(
    put, path = "/carts/{id}/shopper", tag = "cart", request_body = ShopperRequest, security(("cart-token" = [])),
    params(ChangeHeaders), responses(Changed),
)]
pub(super) async fn attach_shopper(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<ShopperRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(shopper) = body?;
    write(&state.commands, &access, Command::Attach(shopper.into())).await
}
