//! Stock as a file of a spreadsheet.

mod number;
mod reading;
mod writing;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use service::{Csv, Json, Problem, Query, request_cause};

use self::reading::{Line, Sheet};
use super::count_stock::{WrongCounts, count};
use super::counts::Counts;
use super::problems::{sheet_has_problems, unreadable_sheet};
use super::state::RouteState;
use super::types::{SheetLineReport, SheetQuery, SheetReport};
use crate::store;

/// How many products are read at once for the export.
const PAGE: i64 = 1000;

/// Set how many pieces there are, from a spreadsheet
///
/// CSV as spreadsheets write it: separated by commas, semicolons or tabs, with or without quotes and a byte-order mark. The
/// first line names the columns: `sku` and `on_hand`, and if you like `location` and `low_at`; others mean nothing. What
/// `GET /stock.csv` writes can be sent back. At most 10,000 lines.
#[utoipa::path(
    put, path = "/stock.csv", operation_id = "import_sheet", tag = "inventory", params(SheetQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "Taken; the report says what of it", body = SheetReport)),
)]
pub(super) async fn import(
    State(state): State<RouteState>,
    Query(SheetQuery { partial, cut_holds }): Query<SheetQuery>,
    headers: HeaderMap,
    Csv(body): Csv,
) -> Result<Json<SheetReport>, Problem> {
    let Sheet { lines, ignored_columns } = reading::read(&body).map_err(|error| unreadable_sheet(&error))?;
    let mut problems: BTreeMap<u64, String> = BTreeMap::new();
    let mut places: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut counts = Counts::new();
    let mut low_at = BTreeMap::new();
    for Line { number, entry, .. } in &lines {
        match entry {
            Err(problem) => _ = problems.insert(*number, problem.clone()),
            Ok(entry) => {
                let place = (entry.sku.clone(), entry.location.clone());
                if let Some(first) = places.get(&place) {
                    problems.insert(*number, format!("'{}' is already in line {first}", entry.sku));
                    continue;
                }
                places.insert(place.clone(), *number);
                counts.insert(place, entry.count.clone());
                low_at.extend(entry.low_at.map(|low_at| (entry.sku.clone(), low_at)));
            }
        }
    }
    if !partial && !problems.is_empty() {
        return Err(sheet_has_problems(&problems));
    }
    let cause = request_cause(&headers);
    let wrong = if partial { WrongCounts::LeaveOut } else { WrongCounts::RefuseAll };
    let (outcome, refused) = count(&state, &counts, &low_at, cut_holds, wrong, &cause).await?;
    for (place, problem) in refused {
        problems.extend(places.get(place).map(|number| (*number, problem.detail().to_owned())));
    }
    let lines = lines.into_iter().map(|Line { number, sku, .. }| {
        let problem = problems.remove(&number);
        SheetLineReport { line: number, sku, taken: problem.is_none(), problem }
    });
    let lines = lines.collect();
    Ok(Json(SheetReport { changed: outcome.changed, cut_lines: outcome.cut, lines, ignored_columns }))
}

/// Get all stock as a spreadsheet
///
/// CSV with a byte-order mark, so that spreadsheets read it as UTF-8; a line for each product and location.
#[utoipa::path(
    get, path = "/stock.csv", operation_id = "export_sheet", tag = "inventory",
    responses((status = 200, description = "All stock", body = String, content_type = "text/csv")),
)]
pub(super) async fn export(State(state): State<RouteState>) -> Result<Response, Problem> {
    let mut sheet = writing::header();
    let mut after = String::new();
    loop {
        let page = store::stock_after(&state.pool, &after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (sku, stock) in &page {
            writing::add(&mut sheet, sku, stock);
        }
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"stock.csv\""),
    ];
    Ok((headers, Body::from(sheet)).into_response())
}
