//! What only operators may do: write products. What really changes is published, in the same transaction.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use envelope::Cause;
use events::catalog::ProductRetired;
use service::{Json, Path, Problem, ProblemBody, cause};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::types::{Entry, Fields, Imported, ProductBody};
use super::{Catalog, unknown_sku};
use crate::product::{self, Draft, IMPORT_LIMIT, Product, is_sku};
use crate::store::{self, Retired};

/// Bytes: an import of as many products as there may be, with descriptions of a usual length.
const IMPORT_BODY_LIMIT: usize = 32 * 1024 * 1024;

pub(super) fn routes(catalog: Catalog) -> OpenApiRouter {
    let import = OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(IMPORT_BODY_LIMIT));
    OpenApiRouter::new().routes(routes!(put, retire)).merge(import).with_state(catalog)
}

/// Writes a product: a new one, or over what it was. A retired one is sold again.
#[utoipa::path(
    put, path = "/products/{sku}", tag = "catalog", request_body = Fields,
    params(("sku" = String, Path, description = "The product: 1 to 64 visible ASCII characters")),
    responses(
        (status = 200, description = "The product as it is now", body = ProductBody),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 422, description = "`invalid-product`: a field breaks a rule", body = ProblemBody),
    )
)]
async fn put(
    State(catalog): State<Catalog>,
    Path(sku): Path<String>,
    headers: HeaderMap,
    Json(fields): Json<Fields>,
) -> Result<Json<ProductBody>, Problem> {
    let product = Product::try_from(fields.of(sku)).map_err(|invalid| invalid_product(&invalid))?;
    let answer = Json(ProductBody::from(&product));
    save(&catalog, &[product], &cause(&headers)).await?;
    Ok(answer)
}

/// Writes many products at once: all of them, or none.
#[utoipa::path(
    post, path = "/products/import", tag = "catalog", request_body = Vec<Entry>,
    responses(
        (status = 200, description = "All are written", body = Imported),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 413, description = "`body-too-long`", body = ProblemBody),
        (status = 422, description = "`invalid-product`, which names the entry, counted from 0, and its field, or \
                                      `too-many-products`. Nothing was written", body = ProblemBody),
    )
)]
async fn import(
    State(catalog): State<Catalog>,
    headers: HeaderMap,
    Json(entries): Json<Vec<Entry>>,
) -> Result<Json<Imported>, Problem> {
    if entries.len() > IMPORT_LIMIT {
        let detail = format!(
            "An import takes at most {IMPORT_LIMIT} products, these are {}: send several.",
            entries.len()
        );
        return Err(Problem::refused("too-many-products", detail));
    }
    let drafts = entries.into_iter().map(Draft::from).collect();
    let products = product::import(drafts).map_err(|invalid| invalid_product(&invalid))?;
    let changed = save(&catalog, &products, &cause(&headers)).await?;
    Ok(Json(Imported { changed, unchanged: products.len() - changed }))
}

/// Retires a product: it is not sold any more. Once more changes nothing.
#[utoipa::path(
    delete, path = "/products/{sku}", tag = "catalog", params(("sku" = String, Path, description = "The product")),
    responses(
        (status = 204, description = "It is retired"),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 404, description = "`unknown-sku`: there has never been such a product", body = ProblemBody),
    )
)]
async fn retire(
    State(catalog): State<Catalog>,
    Path(sku): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    if !is_sku(&sku) {
        return Err(unknown_sku(&sku));
    }
    let mut transaction = catalog.pool.begin().await?;
    match store::retire(&mut transaction, &sku).await? {
        Retired::Unknown => return Err(unknown_sku(&sku)),
        Retired::Before => {}
        Retired::Now => {
            let event = catalog.outbox.wrap(&ProductRetired { sku }, &cause(&headers))?;
            catalog.outbox.append(&mut transaction, vec![event]).await?;
            catalog.outbox.commit(transaction).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Writes products and publishes those that changed. Returns how many did.
async fn save(catalog: &Catalog, products: &[Product], cause: &Cause) -> Result<usize, Problem> {
    let mut transaction = catalog.pool.begin().await?;
    let changed = store::save(&mut transaction, products).await?;
    let mut events = Vec::with_capacity(changed.len());
    for product in products.iter().filter(|product| changed.contains(product.sku())) {
        events.push(catalog.outbox.wrap(&product.changed(), cause)?);
    }
    catalog.outbox.append(&mut transaction, events).await?;
    catalog.outbox.commit(transaction).await?;
    Ok(changed.len())
}

fn invalid_product(invalid: &impl std::fmt::Display) -> Problem {
    Problem::refused("invalid-product", format!("{invalid}. Nothing was changed."))
}
