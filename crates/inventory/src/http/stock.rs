use axum::extract::State;
use service::{Json, Path, Problem, Sku};

use super::problems::unknown_sku;
use super::state::RouteState;
use super::types::StockView;
use crate::store;

/// Get the stock of a product
#[utoipa::path(
    get, path = "/stock/{sku}", operation_id = "show_stock", tag = "inventory",
    params(("sku" = inline(Sku), Path, description = "The product")),
    responses((status = 200, description = "Its stock", body = StockView)),
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
) -> Result<Json<StockView>, Problem> {
    let known = store::stock_of(&state.pool, &[sku.as_str()]).await?;
    let stock = known.get(sku.as_str()).ok_or_else(|| unknown_sku(sku.as_str()))?;
    Ok(Json(StockView::new(sku.into(), stock, state.low_at)))
}
