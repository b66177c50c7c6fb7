//! What everybody may do: read products.

use axum::extract::State;
use service::shared_problems::UNFITTING_QUERY;
use service::{Json, Path, Problem, Query, Sku};

use super::problems::{CONFLICTING_QUERY, unknown_sku};
use super::queries::{ListQuery, MOST_SKUS};
use super::state::RouteState;
use super::types::{ProductBody, ProductPage};
use crate::store::{self, List};

/// List the products that are sold
///
/// By SKU, a page at a time: `next` of one answer is `after` of the next request; without `next` it was the last page. To
/// find products by their words, use `GET /products/search`.
///
/// With `sku`, once for each, these products in this order, also those that are retired; at most 100. Those that there are
/// not are left out.
#[utoipa::path(
    get, path = "/products", tag = "catalog", operation_id = "list_products", params(ListQuery),
    responses((status = 200, description = "A page of products", body = ProductPage))
)]
pub(super) async fn list(
    State(state): State<RouteState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ProductPage>, Problem> {
    if !query.sku.is_empty() {
        return these(state, query).await.map(Json);
    }
    let ListQuery { sku: _, after, limit, q, variant_of } = query;
    let limit = limit.get().into();
    let variant_of = variant_of.as_ref().map_or("", Sku::as_str);
    let list = List { after: after.as_str(), text: q.as_str(), variant_of, unpublished: false, limit };
    let store::Page { products, next } = store::list(&state.pool, list).await?;
    Ok(Json(ProductPage { products: products.into_iter().map(ProductBody::from).collect(), next }))
}

/// Products by their SKUs.
async fn these(state: RouteState, query: ListQuery) -> Result<ProductPage, Problem> {
    let ListQuery { sku, after, q, variant_of, .. } = query;
    if sku.len() > MOST_SKUS {
        let detail = format!(
            "'sku' may be given at most {MOST_SKUS} times, not {}. Ask for the rest with another request.",
            sku.len()
        );
        return Err(UNFITTING_QUERY.problem(detail).at("sku"));
    }
    if !after.as_str().is_empty() || !q.as_str().is_empty() || variant_of.is_some() {
        return Err(CONFLICTING_QUERY
            .problem("'sku' says which products to list: leave out 'after', 'q' and 'variant_of'.")
            .at("sku"));
    }
    let skus: Vec<String> = sku.into_iter().map(String::from).collect();
    let mut connection = state.pool.acquire().await?;
    let products = store::find_all(&mut connection, &skus).await?.into_iter();
    let products = products.filter(|product| product.is_published).map(ProductBody::from);
    Ok(ProductPage { products: products.collect(), next: None })
}

/// Get a product
///
/// Also one that is retired, so that an old cart can still show it. One that is not published yet is unknown.
#[utoipa::path(
    get, path = "/products/{sku}", tag = "catalog", operation_id = "get_product",
    params(("sku" = inline(Sku), Path, description = "The product")),
    responses((status = 200, description = "The product", body = ProductBody))
)]
pub(super) async fn show(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
) -> Result<Json<ProductBody>, Problem> {
    let stored = store::find(&state.pool, sku.as_str()).await?.filter(|stored| stored.is_published);
    Ok(Json(stored.ok_or_else(|| unknown_sku(sku.as_str()))?.into()))
}
