//! The catalog over REST.

mod operators;
mod types;

use axum::extract::State;
use axum::http::StatusCode;
use bus::Outbox;
use service::{Json, Path, Problem, ProblemBody, Query};
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::types::{ListQuery, Page, ProductBody};
use crate::product::is_sku;
use crate::store;

const PAGE_LIMIT: u32 = 500;

/// What the handlers need.
#[derive(Clone)]
struct Catalog {
    pool: PgPool,
    outbox: Outbox,
}

/// The routes for everybody, and those for operators.
pub fn routes(pool: PgPool, outbox: Outbox) -> (OpenApiRouter, OpenApiRouter) {
    let catalog = Catalog { pool, outbox };
    let public = OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).with_state(catalog.clone());
    (public, operators::routes(catalog))
}

/// The products that are sold, by SKU.
///
/// A page at a time: `next` of one answer is `after` of the next request; without `next` it was the last page.
#[utoipa::path(
    get, path = "/products", tag = "catalog", params(ListQuery),
    responses(
        (status = 200, description = "A page of products", body = Page),
        (status = 400, description = "A parameter makes no sense", body = ProblemBody),
    )
)]
async fn list(State(catalog): State<Catalog>, Query(query): Query<ListQuery>) -> Result<Json<Page>, Problem> {
    let ListQuery { after, limit, q } = query;
    if !(1..=PAGE_LIMIT).contains(&limit) {
        return Err(unfitting_query(format!("'limit' must be 1 to {PAGE_LIMIT}.")));
    }
    for (name, text) in [("after", &after), ("q", &q)] {
        if text.contains(char::is_control) {
            return Err(unfitting_query(format!("'{name}' must not contain control characters.")));
        }
    }
    // One more than asked for shows whether there is a next page.
    let mut kept = store::list(&catalog.pool, &after, &q, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = kept.len() > limit;
    kept.truncate(limit);
    let next = kept.last().filter(|_| more).map(|last| last.sku.clone());
    Ok(Json(Page { products: kept.into_iter().map(ProductBody::from).collect(), next }))
}

/// A product.
///
/// Also one that is retired, so that an old cart can still show it.
#[utoipa::path(
    get, path = "/products/{sku}", tag = "catalog", params(("sku" = String, Path, description = "The product")),
    responses(
        (status = 200, description = "The product", body = ProductBody),
        (status = 404, description = "`unknown-sku`: there has never been such a product", body = ProblemBody),
    )
)]
async fn show(State(catalog): State<Catalog>, Path(sku): Path<String>) -> Result<Json<ProductBody>, Problem> {
    if !is_sku(&sku) {
        return Err(unknown_sku(&sku));
    }
    let kept = store::find(&catalog.pool, &sku).await?.ok_or_else(|| unknown_sku(&sku))?;
    Ok(Json(kept.into()))
}

fn unknown_sku(sku: &str) -> Problem {
    Problem::not_found(
        "unknown-sku",
        format!("There is no product '{sku}'. GET /products lists those that there are."),
    )
}

fn unfitting_query(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "unfitting-query", detail)
}
