use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use service::{Json, Problem, Query, request_cause};

use super::changing::change;
use super::entries::{self, MOST_PIECES, Refusal};
use super::moved::moved;
use super::problems::{adjustment_differs, refused};
use super::state::RouteState;
use super::types::{AdjustmentView, CutQuery, Location, NewAdjustment};
use crate::stock::Reason;
use crate::store::{self, Adjustment, KnownSkus};

/// Record pieces that were found, lost, broken, or given away
///
/// The same reference with the same items again changes nothing and gets the same answer. If fewer are left than are held for
/// carts, it is refused, unless `cut_holds` says whose pieces these were.
#[utoipa::path(
    post, path = "/adjustments", tag = "inventory", params(CutQuery),
    request_body = NewAdjustment,
    responses((status = 200, description = "Recorded, now or before", body = AdjustmentView)),
)]
pub(super) async fn adjust(
    State(state): State<RouteState>,
    Query(CutQuery { cut_holds }): Query<CutQuery>,
    headers: HeaderMap,
    Json(wanted): Json<NewAdjustment>,
) -> Result<Json<AdjustmentView>, Problem> {
    let NewAdjustment { reference, reason, location, items } = wanted;
    let items = entries::check(items.into_iter().map(|item| (item.sku, item.change)), -MOST_PIECES)
        .map_err(refused)?;
    if items.is_empty() {
        return Err(Refusal::Empty.into());
    }
    let location = Location::or_main(location.as_ref());
    let mut transaction = state.pool.begin().await?;
    store::lock_adjustments(&mut transaction).await?;
    if let Some(known) = store::find_adjustment(&mut transaction, reference.as_str()).await? {
        let is_same = known.items == items && known.location == location;
        return if is_same { Ok(Json(known.into())) } else { Err(adjustment_differs(&known)) };
    }
    let skus: BTreeSet<&str> = items.keys().map(String::as_str).collect();
    let stock = store::lock_stock(&mut transaction, &skus, &KnownSkus::default()).await?;
    let (reference, reason) = (reference.as_str(), reason.as_str());
    let (number, adjusted_at) =
        store::insert_adjustment(&mut transaction, reference, reason, location).await?;
    let moved = moved(&items, location);
    let why = Reason::Adjustment(number);
    change(&state, transaction, stock, &moved, why, cut_holds, &request_cause(&headers)).await?;
    let (reference, reason, location) = (reference.to_owned(), reason.to_owned(), location.to_owned());
    Ok(Json(Adjustment { number, reference, reason, location, adjusted_at, items }.into()))
}
