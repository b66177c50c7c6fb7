use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::{Json, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::state::RouteState;
use super::writing::{ChangeHeaders, Changed, change, write_request};
use crate::cart::Command;
use crate::commands::CommandRequest;

service::texts! {
    /// The token of a cart.
    pub(super) Token: "a cart's token", 1..=100, "letters, digits, '-', '_' and '.'", "^[A-Za-z0-9_.-]*$",
        for example "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
}

/// A cart that ends, and all of which comes into this one.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "cart_id": "0a4b1f6e-2f0d-4c55-9d3e-6b7a8c91d2e3", "token": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
}))]
pub(super) struct MergeRequest {
    cart_id: Uuid,
    token: Token,
}

/// Merge another cart into this one
///
/// As when a guest logs in. Quantities add up; if that goes beyond a limit, nothing is merged and the answer says what is in
/// the way. Of what was saved for later, notes and fields, nothing is lost either. The other cart ends, and answers 410 with
/// the way to this one; what is held for it is held for this one.
#[utoipa::path(
    post, path = "/carts/{id}/merge", tag = "cart", request_body = MergeRequest, security(("cart-token" = [])),
    params(ChangeHeaders), responses(Changed),
)]
pub(super) async fn merge(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<MergeRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(MergeRequest { cart_id: from, token }) = body?;
    let number =
        state.tokens.number(from, token.as_str()).ok_or_else(|| Problem::unknown_cart().at("token"))?;
    let mut request: CommandRequest = change(&access, Command::Merge { from })?;
    request.tokens.push((from, number));
    write_request(&state.commands, request).await
}
