//! What is on hand, as somebody counted it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use envelope::Cause;
use service::{Json, Problem, Query, request_cause};

use super::changing::{Outcome, change, check};
use super::counts::Counts;
use super::entries;
use super::problems::refused;
use super::state::RouteState;
use super::types::{CutHolds, CutQuery, StockEntry, StockImported};
use crate::stock::{Reason, Stock};
use crate::store::{self, KnownSkus};

/// Set how many pieces there are
///
/// For each product in the list: `on_hand` is what somebody counts on the shelf, those pieces included that are held for carts.
/// If fewer are there than are held, the list is refused, unless `cut_holds` says whose pieces these were: what is taken from
/// lines makes them short, and they wait. What comes free goes to the lines that wait, the oldest first. Products that are not
/// in the list keep their stock. All entries are written, or none. At most 10,000 entries.
///
/// Clients from before `on_hand` send `available`: what can be promised over and above what is held.
#[utoipa::path(
    put, path = "/stock", operation_id = "count_stock", tag = "inventory", params(CutQuery),
    request_body = Vec<StockEntry>,
    responses((status = 200, description = "Done; the same list again changes nothing", body = StockImported)),
)]
pub(super) async fn import(
    State(state): State<RouteState>,
    Query(CutQuery { cut_holds }): Query<CutQuery>,
    headers: HeaderMap,
    Json(list): Json<Vec<StockEntry>>,
) -> Result<Json<StockImported>, Problem> {
    let low_at: BTreeMap<String, i64> =
        list.iter().filter_map(|entry| Some((entry.sku.as_str().to_owned(), entry.low_at?))).collect();
    let counts = entries::check_counts(list).map_err(refused)?;
    let cause = request_cause(&headers);
    let counted = count(&state, &counts, &low_at, cut_holds, WrongCounts::RefuseAll, &cause).await?;
    let (Outcome { changed, cut }, _) = counted;
    Ok(Json(StockImported { changed, cut_lines: cut }))
}

/// What is done with counts that can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongCounts {
    /// Nothing is changed.
    RefuseAll,
    /// The others are written.
    LeaveOut,
}

/// Counts that were left out, with the reason.
pub(super) type LeftOut<'a> = Vec<(&'a (String, String), Problem)>;

/// Writes what was counted.
pub(super) async fn count<'a>(
    state: &RouteState,
    counts: &'a Counts,
    low_at: &BTreeMap<String, i64>,
    cut_holds: Option<CutHolds>,
    wrong: WrongCounts,
    cause: &Cause,
) -> Result<(Outcome, LeftOut<'a>), Problem> {
    let mut transaction = state.pool.begin().await?;
    let skus: BTreeSet<&str> = counts.keys().map(|(sku, _)| sku.as_str()).collect();
    let mut stock = store::lock_stock(&mut transaction, &skus, &KnownSkus::default()).await?;
    let (mut moved, mut left_out) = (Vec::with_capacity(counts.len()), Vec::new());
    for (place, count) in counts {
        let one = count.moved(place, &stock);
        match check(&stock, &one, cut_holds) {
            Err(problem) if wrong == WrongCounts::LeaveOut => left_out.push((place, problem)),
            _ => moved.push(one),
        }
    }
    let taken: BTreeSet<&str> = moved.iter().map(|one| one.sku).collect();
    let low_at = set_low_at(&mut stock, low_at, &taken);
    if !low_at.is_empty() {
        store::save_low_at(&mut transaction, &low_at).await?;
    }
    let outcome = change(state, transaction, stock, &moved, Reason::Count, cut_holds, cause).await?;
    Ok((outcome, left_out))
}

/// Sets what is low of each SKU, and returns what is different.
fn set_low_at<'a>(
    stock: &mut BTreeMap<String, Stock>,
    low_at: &'a BTreeMap<String, i64>,
    skus: &BTreeSet<&str>,
) -> Vec<(&'a str, Option<i64>)> {
    let mut changed = Vec::new();
    for (sku, low_at) in low_at.iter().filter(|(sku, _)| skus.contains(sku.as_str())) {
        let Some(stock) = stock.get_mut(sku) else { continue };
        if stock.low_at != Some(*low_at) {
            stock.low_at = Some(*low_at);
            changed.push((sku.as_str(), stock.low_at));
        }
    }
    changed
}
