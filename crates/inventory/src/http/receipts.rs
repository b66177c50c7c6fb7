use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use service::{Json, Problem, Query, request_cause};

use super::changing::change;
use super::entries::{self, Refusal};
use super::moved::moved;
use super::problems::{receipt_differs, refused};
use super::state::RouteState;
use super::types::{Delivery, Location, ReceiptPage, ReceiptQuery, ReceiptView};
use crate::stock::Reason;
use crate::store::{self, KnownSkus};

/// Record goods that came in
///
/// They can be promised from now on, and go to the lines that wait for them first. The same reference with the same items again changes nothing and gets the same
/// answer.
#[utoipa::path(
    post, path = "/receipts", tag = "inventory",
    request_body = Delivery,
    responses((status = 200, description = "Recorded, now or before", body = ReceiptView)),
)]
pub(super) async fn receive(
    State(state): State<RouteState>,
    headers: HeaderMap,
    Json(Delivery { reference, location, items }): Json<Delivery>,
) -> Result<Json<ReceiptView>, Problem> {
    let items =
        entries::check(items.into_iter().map(|item| (item.sku, item.quantity)), 1).map_err(refused)?;
    if items.is_empty() {
        return Err(Refusal::Empty.into());
    }
    let location = Location::or_main(location.as_ref());
    let mut transaction = state.pool.begin().await?;
    store::lock_receipts(&mut transaction).await?;
    if let Some(known) = store::find_receipt(&mut transaction, reference.as_str()).await? {
        let is_same = known.items == items && known.location == location;
        return if is_same { Ok(Json(known.into())) } else { Err(receipt_differs(&known)) };
    }
    let receipt = store::insert_receipt(&mut transaction, reference.as_str(), location, items).await?;
    let skus: BTreeSet<&str> = receipt.items.keys().map(String::as_str).collect();
    let stock = store::lock_stock(&mut transaction, &skus, &KnownSkus::default()).await?;
    let moved = moved(&receipt.items, location);
    let reason = Reason::Receipt(receipt.number);
    change(&state, transaction, stock, &moved, reason, None, &request_cause(&headers)).await?;
    Ok(Json(receipt.into()))
}

/// List the goods that came in
#[utoipa::path(
    get, path = "/receipts", operation_id = "list_receipts", tag = "inventory", params(ReceiptQuery),
    responses((status = 200, description = "The oldest first", body = ReceiptPage)),
)]
pub(super) async fn list(
    State(state): State<RouteState>,
    Query(query): Query<ReceiptQuery>,
) -> Result<Json<ReceiptPage>, Problem> {
    let ReceiptQuery { after, limit } = query;
    let mut receipts = store::list_receipts(&state.pool, after, limit.one_more()).await?;
    let next = limit.cut(&mut receipts).map(|last| last.number);
    Ok(Json(ReceiptPage { receipts: receipts.into_iter().map(ReceiptView::from).collect(), next }))
}
