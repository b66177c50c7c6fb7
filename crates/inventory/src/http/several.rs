//! The stock of many products in one answer.

use std::collections::BTreeSet;

use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;
use service::problems::UNFITTING_QUERY;
use service::{Problem, Sku};
use utoipa::{IntoParams, ToSchema};

use super::caching::cacheable;
use super::state::RouteState;
use super::types::StockView;
use crate::store;

const MOST_SKUS: usize = 100;

/// Which products.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SeveralQuery {
    /// A product; once for each, at most 100 times.
    #[param(inline, min_items = 1, max_items = 100)]
    sku: Vec<Sku>,
}

/// The stock of several products.
#[derive(Serialize, ToSchema)]
pub(super) struct SeveralStock {
    /// By SKU.
    stock: Vec<StockView>,
    /// Those of the products that were never stocked here.
    unknown: Vec<String>,
}

/// Get the stock of many products
///
/// The answer may be kept for some seconds; with its `ETag` in `If-None-Match` it is sent again only if it is another one.
#[utoipa::path(
    get, path = "/stock", tag = "inventory", params(SeveralQuery),
    responses(
        (status = 200, description = "Their stock", body = SeveralStock),
        (status = 304, description = "As the client knows it"),
    ),
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    SeveralQuery { sku: wanted }: SeveralQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted: BTreeSet<&str> = wanted.iter().map(Sku::as_str).collect();
    let known = store::stock_of(&state.pool, &wanted.iter().copied().collect::<Vec<_>>()).await?;
    let unknown =
        wanted.iter().filter(|sku| !known.contains_key(**sku)).map(|sku| (*sku).to_owned()).collect();
    let stock = known.into_iter().map(|(sku, stock)| StockView::new(sku, &stock, state.low_at)).collect();
    cacheable(&headers, &SeveralStock { stock, unknown })
}

impl<S: Send + Sync> FromRequestParts<S> for SeveralQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut sku = Vec::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            if name != "sku" {
                return Err(UNFITTING_QUERY
                    .problem(format!("The query doesn't fit at '{name}': the parameter here is 'sku'.")));
            }
            let one = value.parse();
            sku.push(one.map_err(|error| {
                UNFITTING_QUERY.problem(format!("The query doesn't fit at 'sku': {error}."))
            })?);
        }
        if !(1..=MOST_SKUS).contains(&sku.len()) {
            return Err(UNFITTING_QUERY.problem(format!("Name 1 to {MOST_SKUS} products: '?sku=…&sku=…'.")));
        }
        Ok(Self { sku })
    }
}
