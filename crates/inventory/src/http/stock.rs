use axum::extract::State;
use axum::http::HeaderMap;
use service::{Json, Path, Problem, Sku, request_cause};

use super::entries;
use super::problems::unknown_sku;
use super::state::{RouteState, changed};
use super::types::{StockEntry, StockImported, StockView};
use crate::stock::Stock;
use crate::store;

/// Get the stock of a product
#[utoipa::path(
    get, path = "/stock/{sku}", tag = "inventory",
    params(("sku" = inline(Sku), Path, description = "The product")),
    responses((status = 200, description = "Its stock", body = StockView)),
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
) -> Result<Json<StockView>, Problem> {
    let known = store::stock_of(&state.pool, sku.as_str()).await?;
    let stock = known.ok_or_else(|| unknown_sku(sku.as_str()))?;
    Ok(Json(StockView::new(sku, stock)))
}

/// Set how many pieces can be promised
///
/// For each product in the list, that many pieces can be promised from now on, over and above those that are held for
/// carts, which stay held: `available` is not what somebody counts on the shelf. With 3 on the shelf, all of them held,
/// `{"available": 3}` makes 6 on hand; to say that there are just these 3, send `{"available": 0}`. Products that are not
/// in the list keep their stock. All entries are written, or none. At most 10,000
/// entries.
#[utoipa::path(
    put, path = "/stock", tag = "inventory",
    request_body = Vec<StockEntry>,
    responses((status = 200, description = "Done; the same list again changes nothing", body = StockImported)),
)]
pub(super) async fn import(
    State(state): State<RouteState>,
    headers: HeaderMap,
    Json(list): Json<Vec<StockEntry>>,
) -> Result<Json<StockImported>, Problem> {
    let list = entries::check(list.into_iter().map(|entry| (entry.sku, entry.available)), 0)?;
    let mut transaction = state.pool.begin().await?;
    let skus: Vec<&str> = list.keys().map(String::as_str).collect();
    let before = store::lock_stock(&mut transaction, &skus).await?;
    let after = changed(&before, &list, Stock::with_available)?;
    let changed: Vec<(&str, Stock)> =
        after.into_iter().filter(|(sku, stock)| before.get(*sku) != Some(stock)).collect();
    state.change(transaction, &changed, &request_cause(&headers)).await?;
    Ok(Json(StockImported { changed: changed.len() }))
}
