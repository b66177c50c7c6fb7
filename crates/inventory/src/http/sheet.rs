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
use serde::{Deserialize, Serialize};
use service::{Csv, Json, Problem, Query, request_cause};
use utoipa::{IntoParams, ToSchema};

use self::reading::{Line, Sheet};
use super::counting::WrongCounts;
use super::counts::Counts;
use super::problems::{sheet_has_problems, unreadable_sheet};
use super::state::RouteState;
use super::types::CutHolds;
use crate::store;

/// How many products are read at once for the export.
const PAGE: i64 = 1000;

/// How a sheet is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SheetQuery {
    /// Whether lines that are right are taken although others are wrong. Otherwise one wrong line keeps all from being taken.
    #[serde(default)]
    pub partial: bool,
    /// Which holds lose pieces, where fewer are there than are held for carts. If it is left out, such a line is refused.
    #[param(inline)]
    pub cut_holds: Option<CutHolds>,
}

/// What became of a sheet.
#[derive(Serialize, ToSchema)]
#[schema(as = SheetReport)]
pub(super) struct Report {
    /// How many products have another stock than before.
    changed: usize,
    /// How many carts' lines lost pieces that were held for them.
    cut_lines: usize,
    /// Each line of the sheet.
    lines: Vec<LineReport>,
    /// Columns that mean nothing here.
    ignored_columns: Vec<String>,
}

/// What became of a line.
#[derive(Serialize, ToSchema)]
#[schema(as = SheetLine)]
pub(super) struct LineReport {
    /// Its number in the file, from 1, which is the line with the names of the columns.
    line: u64,
    /// Its product, as it stands there.
    sku: String,
    /// Whether it was taken.
    taken: bool,
    /// What is wrong with it, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Set how many pieces there are, from a spreadsheet
///
/// CSV as spreadsheets write it: separated by commas, semicolons or tabs, with or without quotes and a byte-order mark. The
/// first line names the columns: `sku` and `on_hand`, and if you like `location` and `low_at`; others mean nothing. What
/// `GET /stock.csv` writes can be sent back. At most 10,000 lines.
#[utoipa::path(
    put, path = "/stock.csv", tag = "inventory", params(SheetQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "Taken; the report says what of it", body = Report)),
)]
pub(super) async fn import(
    State(state): State<RouteState>,
    Query(SheetQuery { partial, cut_holds }): Query<SheetQuery>,
    headers: HeaderMap,
    Csv(body): Csv,
) -> Result<Json<Report>, Problem> {
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
    let (outcome, refused) = state.count(&counts, &low_at, cut_holds, wrong, &cause).await?;
    for (place, problem) in refused {
        problems.extend(places.get(place).map(|number| (*number, problem.detail().to_owned())));
    }
    let lines = lines.into_iter().map(|Line { number, sku, .. }| {
        let problem = problems.remove(&number);
        LineReport { line: number, sku, taken: problem.is_none(), problem }
    });
    let lines = lines.collect();
    Ok(Json(Report { changed: outcome.changed, cut_lines: outcome.cut, lines, ignored_columns }))
}

/// Get all stock as a spreadsheet
///
/// CSV with a byte-order mark, so that spreadsheets read it as UTF-8; a line for each product and location.
#[utoipa::path(
    get, path = "/stock.csv", tag = "inventory",
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
