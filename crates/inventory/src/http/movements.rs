use axum::extract::State;
use service::{Json, Path, Problem, Query, Sku};

use super::state::RouteState;
use super::types::{MovementPage, MovementQuery, MovementView};
use crate::store;

/// List what changed how many pieces of a product are on hand
///
/// Its ledger: the sum of all movements is the stock. What is held for carts is no movement.
#[utoipa::path(
    get, path = "/stock/{sku}/movements", operation_id = "list_movements", tag = "inventory",
    params(("sku" = inline(Sku), Path, description = "The product"), MovementQuery),
    responses((status = 200, description = "The newest first", body = MovementPage)),
)]
pub(super) async fn list(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
    Query(MovementQuery { before, limit }): Query<MovementQuery>,
) -> Result<Json<MovementPage>, Problem> {
    let before = before.unwrap_or(i64::MAX);
    let mut entries = store::movements_of(&state.pool, sku.as_str(), before, limit.one_more()).await?;
    let next = limit.cut(&mut entries).map(|last| last.number);
    Ok(Json(MovementPage { movements: entries.into_iter().map(MovementView::from).collect(), next }))
}
