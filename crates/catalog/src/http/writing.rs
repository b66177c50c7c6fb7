//! What only operators may do: write products. What really changes is published, in the same transaction.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use envelope::Cause;
use events::catalog::ProductRetired;
use service::{Json, Path, Problem, Sku, request_cause};

use super::problems::{invalid_product, too_many_products, unknown_sku};
use super::state::RouteState;
use super::types::{ProductBody, ProductEntry, ProductFields, ProductsImported};
use crate::product::{self, Draft, IMPORT_LIMIT, Product};
use crate::store::{self, Retired};

/// Write a product
///
/// A new one, or over the one that there was. A retired one is sold again.
#[utoipa::path(
    put, path = "/products/{sku}", tag = "catalog", request_body = ProductFields,
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
    save(&state, &[product], &request_cause(&headers)).await?;
    Ok(answer)
}

/// Write many products at once
///
/// All of them, or none. At most 10,000.
#[utoipa::path(
    post, path = "/products/import", tag = "catalog", request_body = Vec<ProductEntry>,
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
    let products = product::import(drafts).map_err(|invalid| invalid_product(&invalid))?;
    let changed = save(&state, &products, &request_cause(&headers)).await?;
    Ok(Json(ProductsImported { changed, unchanged: products.len() - changed }))
}

/// Retire a product
///
/// It is not sold any more. Doing so again changes nothing.
#[utoipa::path(
    delete, path = "/products/{sku}", tag = "catalog", params(("sku" = inline(Sku), Path, description = "The product")),
    responses((status = 204, description = "It is retired"))
)]
pub(super) async fn retire(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let mut transaction = state.pool.begin().await?;
    match store::retire(&mut transaction, sku.as_str()).await? {
        Retired::Unknown => return Err(unknown_sku(sku.as_str())),
        Retired::Before => {}
        Retired::Now => {
            let event = state.outbox.wrap(&ProductRetired { sku: sku.into() }, &request_cause(&headers))?;
            state.outbox.append(&mut transaction, vec![event]).await?;
            state.outbox.commit(transaction).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Writes products and publishes those that changed. Returns how many did.
async fn save(state: &RouteState, products: &[Product], cause: &Cause) -> Result<usize, Problem> {
    let mut transaction = state.pool.begin().await?;
    let changed = store::save(&mut transaction, products).await?;
    let mut events = Vec::with_capacity(changed.len());
    for product in products.iter().filter(|product| changed.contains(product.sku())) {
        events.push(state.outbox.wrap(&product.changed(), cause)?);
    }
    state.outbox.append(&mut transaction, events).await?;
    state.outbox.commit(transaction).await?;
    Ok(changed.len())
}
