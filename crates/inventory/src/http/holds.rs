//! Who holds a product, and who waits for it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use service::{Json, Path, Problem, Query, Sku, request_cause};
use tracing::info;
use uuid::Uuid;

use super::problems::no_hold;
use super::state::RouteState;
use super::types::{FreeQuery, HoldView, HoldsPage, HoldsQuery};
use crate::outgoing_events::OutgoingEvents;
use crate::stock::CartLine;
use crate::store::{self, KnownSkus};

/// List who wants a product
///
/// The carts' lines that wait for it, in their order, and then those that have all they want.
#[utoipa::path(
    get, path = "/stock/{sku}/holds", operation_id = "list_holds", tag = "inventory",
    params(("sku" = inline(Sku), Path, description = "The product"), HoldsQuery),
    responses((status = 200, description = "Those who wait first", body = HoldsPage)),
)]
pub(super) async fn list(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
    Query(HoldsQuery { after, limit }): Query<HoldsQuery>,
) -> Result<Json<HoldsPage>, Problem> {
    let mut lines = store::holds_of_sku(&state.pool, sku.as_str(), after, limit.one_more()).await?;
    let next = limit.cut(&mut lines).map(|(last, _)| last.cart_id);
    Ok(Json(HoldsPage { lines: lines.into_iter().map(HoldView::from).collect(), next }))
}

/// Free what is held for a cart
///
/// The line stays in its cart, and nothing is held for it, until something happens in the cart. What comes free goes to those
/// who wait.
#[utoipa::path(
    delete, path = "/stock/{sku}/holds/{id}", operation_id = "free_hold", tag = "inventory",
    params(
        ("sku" = inline(Sku), Path, description = "The product"),
        ("id" = Uuid, Path, description = "The cart"),
        FreeQuery,
    ),
    responses((status = 204, description = "Nothing is held for it, since now or before")),
)]
pub(super) async fn free(
    State(state): State<RouteState>,
    Path((sku, cart_id)): Path<(Sku, Uuid)>,
    Query(FreeQuery { reason }): Query<FreeQuery>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let cause = request_cause(&headers);
    let mut transaction = state.pool.begin().await?;
    let line = CartLine { cart_id, sku: sku.into() };
    let lines = BTreeSet::from([line.clone()]);
    let mut before = store::lock_allocation(&mut transaction, &lines, &KnownSkus::default()).await?;
    let Some(hold) = before.holds().get(&line) else { return Err(no_hold(&line)) };
    let most = BTreeMap::from([(line.sku.as_str(), hold.held.total().saturating_add(1))]);
    before.add_lines(store::waiting_for(&mut transaction, &most).await?);
    let mut after = before.clone();
    let Some(released) = after.lapse(&line) else { return Ok(StatusCode::NO_CONTENT) };
    let mut outgoing = OutgoingEvents::new(&state.outbox, state.low_at);
    outgoing.lapsed(&line, released, &cause)?;
    outgoing.filled(after.fill(&line.sku), &cause)?;
    let level = outgoing.level(before.stock.get(&line.sku));
    outgoing.crossed(&line.sku, level, &after.stock[&line.sku], &cause)?;
    store::save_allocation(&mut transaction, &before, &after).await?;
    state.outbox.append_and_commit(transaction, outgoing.into_events()).await?;
    info!(sku = line.sku, cart = %cart_id, released, reason = reason.as_str(), "an operator freed a hold");
    Ok(StatusCode::NO_CONTENT)
}
