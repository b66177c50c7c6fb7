//! Imports of files.

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;
use service::shared_problems::WRONG_CONTENT_TYPE;
use service::{File, Json, Path, Problem, Query, request_cause};
use utoipa::ToSchema;
use uuid::Uuid;

use super::fields::ProductEntry;
use super::problems::{UNKNOWN_IMPORT, UNREADABLE_FILE};
use super::queries::{FaultsQuery, ImportQuery};
use super::state::RouteState;
use crate::product_files::{Fault, Read, Unreadable, read_csv, read_json_lines};
use crate::store;

/// How many refused lines are shown when a file is sent.
const FAULTS_SHOWN: usize = 1000;
/// Bytes: some 200,000 products with descriptions of a usual length.
pub(super) const FILE_LIMIT: usize = 64 * 1024 * 1024;

/// An import of a file, and how far it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
pub struct ImportBody {
    /// Names the import; none, if nothing was to be written
    id: Option<Uuid>,
    /// Whether everything is written
    finished: bool,
    /// When it was sent
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<DateTime<Utc>>,
    /// When the last product was written
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<DateTime<Utc>>,
    /// How many products the file has
    #[schema(example = 100_000)]
    products: usize,
    /// How many were written so far
    #[schema(example = 41_500)]
    written: usize,
    /// How many of those were new, changed, or had been retired
    #[schema(example = 40_000)]
    changed: usize,
    /// How many were refused
    #[schema(example = 1)]
    refused: usize,
    /// The refused lines; no more than were asked for
    faults: Vec<FaultBody>,
}

/// A line that was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportFault)]
pub struct FaultBody {
    /// The line in the file, from 1
    #[schema(example = 17)]
    line: u64,
    /// The field or column
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "price")]
    field: Option<String>,
    /// What is wrong
    #[schema(example = "is empty")]
    rule: String,
}

/// Import a file of products
///
/// CSV (`text/csv`) or a JSON object a line (`application/jsonl` or `application/x-ndjson`), at most 64 MiB. What fits is
/// written, in parts and after the answer; the lines that don't fit are listed in the answer and at `GET /imports/{id}`,
/// which shows how far the import is. Several imports take effect in the order in which they were sent.
#[utoipa::path(
    post, path = "/imports", tag = "catalog", operation_id = "start_import", params(ImportQuery),
    request_body(
        description = "The file",
        content((String = "text/csv", example = "sku;name;price;currency;categories;name.de\n85123A;White lantern;2,55;GBP;Home/Lighting;Laterne"),
                (String = "application/jsonl", example = "{\"sku\": \"85123A\", \"name\": \"White lantern\", \"price\": {\"amount\": 255, \"currency\": \"GBP\"}}"),
                (String = "application/x-ndjson"))
    ),
    responses((status = 202, description = "It is being written; `Location` says where to look", body = ImportBody),
              (status = 200, description = "A dry run: what would be refused", body = ImportBody))
)]
pub(super) async fn start(
    State(state): State<RouteState>,
    Query(ImportQuery { dry_run }): Query<ImportQuery>,
    headers: HeaderMap,
    file: File,
) -> Result<Response, Problem> {
    let read = read(&file)?;
    let report = ImportBody::of(&read);
    if dry_run {
        return Ok(Json(report).into_response());
    }
    let id = state.imports.place(&read, &request_cause(&headers)).await?;
    let report = ImportBody { id: Some(id), finished: read.products.is_empty(), ..report };
    Ok((StatusCode::ACCEPTED, [(LOCATION, format!("/imports/{id}"))], Json(report)).into_response())
}

/// Get how far an import is
///
/// Imports are kept for 30 days after they have finished.
#[utoipa::path(
    get, path = "/imports/{id}", tag = "catalog", operation_id = "get_import",
    params(("id" = Uuid, Path, description = "The import"), FaultsQuery),
    responses((status = 200, description = "The import", body = ImportBody))
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    Query(FaultsQuery { after_line, limit }): Query<FaultsQuery>,
) -> Result<Json<ImportBody>, Problem> {
    let unknown = || {
        UNKNOWN_IMPORT.problem(format!("There is no import '{id}', or it finished more than 30 days ago."))
    };
    let import = store::import(&state.pool, id).await?.ok_or_else(unknown)?;
    let limit = limit.get().into();
    let faults = store::faults(&state.pool, id, after_line.into(), limit).await?;
    let number = |number: i32| usize::try_from(number).unwrap_or(0);
    Ok(Json(ImportBody {
        id: Some(import.id),
        finished: import.finished_at.is_some(),
        created_at: Some(import.created_at),
        finished_at: import.finished_at,
        products: number(import.products),
        written: number(import.written),
        changed: number(import.changed),
        refused: number(import.refused),
        faults: faults.iter().map(FaultBody::from).collect(),
    }))
}

fn read(File { content_type, content }: &File) -> Result<Read, Problem> {
    match content_type.as_str() {
        "text/csv" => read_csv(content).map_err(|Unreadable(reason)| {
            UNREADABLE_FILE.problem(format!("The file can't be read: {reason}. Nothing was changed."))
        }),
        "application/jsonl" | "application/x-ndjson" => Ok(read_json_lines::<ProductEntry>(content)),
        _ => Err(WRONG_CONTENT_TYPE.problem(
            "Send the file with 'Content-Type: text/csv', or with 'application/jsonl' if it has a JSON object in each line.",
        )),
    }
}

impl ImportBody {
    /// Of a file of which nothing is written yet.
    fn of(read: &Read) -> Self {
        Self {
            id: None,
            finished: true,
            created_at: None,
            finished_at: None,
            products: read.products.len() + read.faults.len(),
            written: 0,
            changed: 0,
            refused: read.faults.len(),
            faults: read.faults.iter().take(FAULTS_SHOWN).map(FaultBody::from).collect(),
        }
    }
}

impl From<&Fault> for FaultBody {
    fn from(Fault { line, field, rule }: &Fault) -> Self {
        Self { line: *line, field: field.clone(), rule: rule.clone() }
    }
}
