//! What only operators may do: write products. What really changes is published, in the same transaction.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use service::{Json, Path, Problem, Sku, request_cause};

use super::fields::{ProductEntry, ProductFields};
use super::problems::{invalid_entries, invalid_product, sku_taken, too_many_products, unknown_sku};
use super::state::RouteState;
use super::types::{ProductBody, ProductsImported};
use crate::product::{self, Draft, IMPORT_LIMIT, Product};
use crate::store::Retired;

/// Create a product
///
/// With an SKU that there is none with yet.
#[utoipa::path(
    post, path = "/products", tag = "catalog", operation_id = "create_product", request_body = ProductEntry,
    responses((status = 201, description = "The product", body = ProductBody))
)]
pub(super) async fn create(
    State(state): State<RouteState>,
    headers: HeaderMap,
    Json(entry): Json<ProductEntry>,
) -> Result<(StatusCode, Json<ProductBody>), Problem> {
    let product = Product::try_from(Draft::from(entry)).map_err(|invalid| invalid_product(&invalid))?;
    let answer = Json(ProductBody::from(&product));
    let is_new = state.publisher.create(&product, &request_cause(&headers)).await?;
    if is_new { Ok((StatusCode::CREATED, answer)) } else { Err(sku_taken(product.sku())) }
}

/// Write a product
///
/// A new one, or over the one that there was: what is left out is empty from then on. A retired one is sold again.
#[utoipa::path(
    put, path = "/products/{sku}", tag = "catalog", operation_id = "put_product", request_body = ProductFields,
    params(("sku" = inline(Sku), Path)),
    responses((status = 200, description = "The product as it is now", body = ProductBody))
)]
pub(super) async fn put(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
    headers: HeaderMap,
    Json(fields): Json<ProductFields>,
) -> Result<Json<ProductBody>, Problem> {
    let product = Product::try_from(fields.of(sku)).map_err(|invalid| invalid_product(&invalid))?;
    let answer = Json(ProductBody::from(&product));
    state.publisher.save(&[product], &request_cause(&headers)).await?;
    Ok(answer)
}

/// Write many products at once
///
/// All of them, or none. At most 10,000.
#[utoipa::path(
    post, path = "/products/import", tag = "catalog", operation_id = "import_products", request_body = Vec<ProductEntry>,
    responses((status = 200, description = "All are written", body = ProductsImported))
)]
pub(super) async fn import(
    State(state): State<RouteState>,
    headers: HeaderMap,
    Json(entries): Json<Vec<ProductEntry>>,
) -> Result<Json<ProductsImported>, Problem> {
    if entries.len() > IMPORT_LIMIT {
        return Err(too_many_products(entries.len()));
    }
    let drafts = entries.into_iter().map(Draft::from).collect();
    let products = product::import(drafts).map_err(|invalid| invalid_entries(&invalid))?;
    let changed = state.publisher.save(&products, &request_cause(&headers)).await?;
    Ok(Json(ProductsImported { changed, unchanged: products.len() - changed }))
}

/// Retire a product
///
/// It is not sold any more. Doing so again changes nothing.
#[utoipa::path(
    delete, path = "/products/{sku}", tag = "catalog", operation_id = "retire_product",
    params(("sku" = inline(Sku), Path, description = "The product")),
    responses((status = 204, description = "It is retired"))
)]
pub(super) async fn retire(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    match state.publisher.retire(sku.as_str(), &request_cause(&headers)).await? {
        Retired::Unknown => Err(unknown_sku(sku.as_str())),
        Retired::Before | Retired::Now => Ok(StatusCode::NO_CONTENT),
    }
}
