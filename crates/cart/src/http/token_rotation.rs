//! Replacing and revoking a cart's token.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use service::{Json, Path, Problem};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::idempotency_key::{ChangeKey, key};
use super::state::RouteState;
use crate::cart::Refusal;
use crate::idempotency::{Fingerprint, IdempotencyKey, UsedKey};
use crate::store;

/// The token that opens the cart from now on.
#[derive(Serialize, ToSchema)]
pub(super) struct NewToken {
    /// Send it as `Authorization: Bearer <token>` with every request for this cart. It is shown only here.
    token: String,
}

/// Replace a cart's token
///
/// The one that comes with the request opens nothing any more. With an Idempotency-Key the request may be repeated if its
/// answer got lost.
#[utoipa::path(
    post, path = "/carts/{id}/token", tag = "cart", security(("cart-token" = [])),
    params(("Idempotency-Key" = inline(Option<ChangeKey>), Header)),
    responses((status = 200, body = NewToken)),
)]
pub(super) async fn rotate(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Json<NewToken>, Problem> {
    let presented = state.access(id, &headers)?.token_number;
    let used = |key| UsedKey {
        key: IdempotencyKey { scope: id, key },
        fingerprint: Fingerprint(Sha256::digest(format!("token {presented}")).into()),
        cart_id: id,
        version: None,
    };
    let key = key::<ChangeKey>(&headers)?.map(used);
    let number = store::rotate_token(&state.pool, id, presented, key.as_ref()).await?;
    let number = number.ok_or(Refusal::UnknownCart)?;
    Ok(Json(NewToken { token: state.tokens.numbered(id, number) }))
}

/// Revoke a cart's token
///
/// Nothing opens the cart any more.
#[utoipa::path(
    delete, path = "/carts/{id}/token", tag = "cart",
    responses((status = 204, description = "The token opens nothing any more.")),
)]
pub(super) async fn revoke(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let is_there = store::revoke_tokens(&state.pool, id).await?;
    if is_there { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::UnknownCart.into()) }
}
