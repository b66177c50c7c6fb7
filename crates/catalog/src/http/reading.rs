//! What everybody may do: read products.

use axum::extract::State;
use service::problems::UNFITTING_QUERY;
use service::{Json, Path, Problem, Query, Sku};

use super::problems::unknown_sku;
use super::state::RouteState;
use super::types::{ListQuery, ProductBody, ProductPage};
use crate::store;

const PAGE_LIMIT: u32 = 500;

/// List the products that are sold
///
/// By SKU, a page at a time: `next` of one answer is `after` of the next request; without `next` it was the last page.
#[utoipa::path(
    get, path = "/products", tag = "catalog", params(ListQuery),
    responses((status = 200, description = "A page of products", body = ProductPage))
)]
pub(super) async fn list(
    State(state): State<RouteState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ProductPage>, Problem> {
    let ListQuery { after, limit, q } = query;
    if !(1..=PAGE_LIMIT).contains(&limit) {
        return Err(UNFITTING_QUERY.problem(format!("'limit' must be 1 to {PAGE_LIMIT}.")));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let store::Page { products, next } = store::list(&state.pool, after.as_str(), q.as_str(), limit).await?;
    Ok(Json(ProductPage { products: products.into_iter().map(ProductBody::from).collect(), next }))
}

/// Get a product
///
/// Also one that is retired, so that an old cart can still show it.
#[utoipa::path(
    get, path = "/products/{sku}", tag = "catalog", params(("sku" = inline(Sku), Path, description = "The product")),
    responses((status = 200, description = "The product", body = ProductBody))
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
) -> Result<Json<ProductBody>, Problem> {
    let stored = store::find(&state.pool, sku.as_str()).await?.ok_or_else(|| unknown_sku(sku.as_str()))?;
    Ok(Json(stored.into()))
}
