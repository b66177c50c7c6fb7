//! The stock of many products in one answer.

use axum::extract::State;
use service::{Json, Problem, Query};

use super::state::RouteState;
use super::types::{SeveralQuery, SeveralStock, StockView};
use crate::store;

/// Get the stock of many products
///
/// The answer may be kept for some seconds; with its `ETag` in `If-None-Match` it is sent again only if it is another one.
#[utoipa::path(
    get, path = "/stock", operation_id = "show_stock_of_many", tag = "inventory", params(SeveralQuery),
    responses(
        (status = 200, description = "Their stock", body = SeveralStock),
        (status = 304, description = "As the client knows it"),
    ),
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    Query(query): Query<SeveralQuery>,
) -> Result<Json<SeveralStock>, Problem> {
    let wanted = query.skus()?;
    let known = store::stock_of(&state.pool, &wanted.iter().copied().collect::<Vec<_>>()).await?;
    let unknown =
        wanted.iter().filter(|sku| !known.contains_key(**sku)).map(|sku| (*sku).to_owned()).collect();
    let stock = known.into_iter().map(|(sku, stock)| StockView::new(sku, &stock, state.low_at)).collect();
    Ok(Json(SeveralStock { stock, unknown }))
}
