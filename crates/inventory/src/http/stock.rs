use axum::extract::State;
use axum::http::HeaderMap;
use service::{Json, Path, Problem, ProblemBody, cause};

use super::Backroom;
use super::types::{Imported, StockEntry, StockView};
use crate::entries;
use crate::stock::Stock;
use crate::store;

/// The stock of a product
#[utoipa::path(
    get, path = "/stock/{sku}", tag = "inventory",
    params(("sku" = String, Path, description = "The product")),
    responses(
        (status = 200, description = "Its stock", body = StockView),
        (status = 404, description = "`unknown-sku`: the product was never stocked", body = ProblemBody),
    ),
)]
pub(super) async fn show(
    State(backroom): State<Backroom>,
    Path(sku): Path<String>,
) -> Result<Json<StockView>, Problem> {
    let known = if events::is_sku(&sku) { store::stock_of(&backroom.pool, &sku).await? } else { None };
    let Some(stock) = known else {
        let detail = format!("'{sku}' was never stocked here. SKUs are case-sensitive.");
        return Err(Problem::not_found("unknown-sku", detail));
    };
    Ok(Json(StockView::new(sku, stock)))
}

/// Sets what can be promised of products
///
/// For each product in the list, as many pieces as it says can be promised from now on; what is held for carts comes
/// on top and stays held. Products that are not in the list keep their stock. At most 10,000 entries.
#[utoipa::path(
    put, path = "/stock", tag = "inventory",
    request_body = Vec<StockEntry>,
    responses(
        (status = 200, description = "Done; the same list again changes nothing", body = Imported),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 413, description = "`body-too-long`", body = ProblemBody),
        (status = 422, description = "`duplicate-sku`, `wrong-sku`, `wrong-quantity`, `too-many-entries`: nothing was \
                                      changed; the detail names the entry, \
                                      counted from 0", body = ProblemBody),
    ),
)]
pub(super) async fn import(
    State(backroom): State<Backroom>,
    headers: HeaderMap,
    Json(list): Json<Vec<StockEntry>>,
) -> Result<Json<Imported>, Problem> {
    let list = entries::check(list.into_iter().map(|entry| (entry.sku, entry.available)), 0)?;
    let mut transaction = backroom.pool.begin().await?;
    let skus: Vec<&str> = list.keys().map(String::as_str).collect();
    let before = store::lock_stock(&mut transaction, &skus).await?;
    let changed: Vec<(&str, Stock)> = before
        .iter()
        .filter_map(|(sku, stock)| Some((sku.as_str(), *stock, stock.with_available(*list.get(sku)?))))
        .filter(|(_, before, after)| before != after)
        .map(|(sku, _, after)| (sku, after))
        .collect();
    backroom.change(transaction, &changed, &cause(&headers)).await?;
    Ok(Json(Imported { changed: changed.len() }))
}
