//! The whole catalogue as a file.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use service::{Problem, Query};
use sqlx::PgPool;

use super::queries::{ExportQuery, Format};
use super::state::RouteState;
use crate::product::Product;
use crate::product_files::{Column, write_csv, write_json_line};
use crate::store::{self, List};

/// How many products are read at a time.
const PAGE: usize = 500;

/// How far the export is.
struct Export {
    pool: PgPool,
    format: Format,
    columns: Vec<Column>,
    /// The last SKU that was written; none at the end.
    after: Option<String>,
}

/// Export all products
///
/// All that are not retired, also those that are not published yet, in a form that `POST /imports` takes. Products that
/// change meanwhile are in it as they were, or as they are.
#[utoipa::path(
    get, path = "/products/export", tag = "catalog", operation_id = "export_products", params(ExportQuery),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/jsonl"))))
)]
pub(super) async fn export(
    State(state): State<RouteState>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let columns = match format {
        Format::Csv => columns(&state.pool).await?,
        Format::Jsonl => Vec::new(),
    };
    let (content_type, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "products.csv"),
        Format::Jsonl => ("application/jsonl", "products.jsonl"),
    };
    let export = Export { pool: state.pool, format, columns, after: Some(String::new()) };
    let headers = [
        (CONTENT_TYPE, content_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename={name}")),
    ];
    Ok((headers, Body::from_stream(export.parts())).into_response())
}

/// A column for each option, attribute and language that some product has.
async fn columns(pool: &PgPool) -> sqlx::Result<Vec<Column>> {
    let names = store::property_names(pool).await?.into_iter();
    let more = names.flat_map(|(field, name)| match field.as_str() {
        "options" => vec![Column::Option(name)],
        "attributes" => vec![Column::Attribute(name)],
        _ => vec![Column::NameIn(name.clone()), Column::DescriptionIn(name)],
    });
    Ok(Column::PLAIN.into_iter().chain(more).collect())
}

impl Export {
    fn parts(self) -> impl Stream<Item = anyhow::Result<Vec<u8>>> {
        stream::try_unfold(self, |mut export| async move {
            let Some(after) = export.after.take() else { return Ok(None) };
            let part = export.part(&after).await?;
            Ok(Some((part, export)))
        })
    }

    async fn part(&mut self, after: &str) -> anyhow::Result<Vec<u8>> {
        let list = List { after, text: "", variant_of: "", unpublished: true, limit: PAGE };
        let store::Page { products, next } = store::list(&self.pool, list).await?;
        self.after = next;
        let products: Vec<Product> = products.into_iter().map(Product::from).collect();
        match self.format {
            Format::Csv => Ok(write_csv(&self.columns, products.iter(), after.is_empty())?),
            Format::Jsonl => {
                let lines = products.iter().map(write_json_line);
                Ok(lines.collect::<Result<Vec<_>, _>>()?.concat())
            }
        }
    }
}
