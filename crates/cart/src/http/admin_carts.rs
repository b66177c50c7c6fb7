//! Any cart, for operators who are asked about it.

use axum::extract::State;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use service::{Json, Path, Problem, Query};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cart_body::CartBody;
use super::history::{History, Page, changes};
use super::read_cart::read_for_operator;
use super::state::RouteState;
use crate::cart::End;

/// A cart, also one that has ended.
#[derive(Serialize, ToSchema)]
pub(super) struct AnyCart {
    /// How it ended: `merged`, `deleted` or `expired`. `null` while it is open.
    #[schema(example = "expired")]
    ended: Option<&'static str>,
    #[schema(value_type = CartBody)]
    cart: Box<RawValue>,
}

/// Get any cart
///
/// Without its token, and also if it has ended.
#[utoipa::path(
    get, path = "/admin/carts/{id}", operation_id = "get_any_cart", tag = "cart",
    responses((status = 200, body = AnyCart)),
)]
pub(super) async fn get(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
) -> Result<Json<AnyCart>, Problem> {
    let read = read_for_operator(&state, id).await?;
    let ended = read.end().map(|end| match end {
        End::Merged(_) => "merged",
        End::Deleted => "deleted",
        End::Expired => "expired",
    });
    Ok(Json(AnyCart { ended, cart: to_raw_value(&CartBody::new(&read.shown()))? }))
}

/// List what happened to any cart
///
/// The newest first. Without its token, and also if it has ended.
#[utoipa::path(
    get, path = "/admin/carts/{id}/history", operation_id = "list_history_of_any_cart", tag = "cart",
    responses((status = 200, body = History)),
)]
pub(super) async fn history(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    Query(page): Query<Page>,
) -> Result<Json<History>, Problem> {
    read_for_operator(&state, id).await?;
    Ok(Json(changes(&mut *state.pool.acquire().await?, id, &page).await?))
}
