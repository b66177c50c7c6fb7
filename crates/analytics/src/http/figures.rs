//! Figures, and what was added to carts most.

mod range;
mod series;

use axum::extract::State;
use service::{Json, Problem, Query, WithProblems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problems::UNFITTING_RANGE;
use super::state::RouteState;
use super::types::{FigureRange, Figures, ProductEntry, ProductRange, TopProducts};
use range::Range;
use series::series;

pub(super) fn routes(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(figures).with_problems(&[UNFITTING_RANGE]))
        .routes(routes!(top_products).with_problems(&[UNFITTING_RANGE]))
        .with_state(state)
}

/// List figures over time
///
/// What happened how often, by the time at which it happened: by minute, hour or day (in UTC). Minutes and hours without any
/// event are in it, with zeros. Figures grow as long as events come late.
#[utoipa::path(
    get,
    path = "/analytics/figures",
    operation_id = "list_figures",
    tag = "analytics",
    params(FigureRange),
    responses(
        (status = 200, description = "The figures, the oldest first", body = Figures),
    )
)]
async fn figures(
    State(RouteState { store, clock, .. }): State<RouteState>,
    Query(FigureRange { by, from, until }): Query<FigureRange>,
) -> Result<Json<Figures>, Problem> {
    let range = Range::new(by, from, until, clock.now())?;
    let rows = store.figures(by, range.from, range.until).await?;
    let newest = store.progress().await?.newest;
    Ok(Json(Figures { by, from: range.from, until: range.until, newest, parts: series(&range, rows) }))
}

/// List the products that were added to carts most
///
/// By the number of units.
#[utoipa::path(
    get,
    path = "/analytics/top-products",
    operation_id = "list_top_products",
    tag = "analytics",
    params(ProductRange),
    responses(
        (status = 200, description = "The products, the most wanted first", body = TopProducts),
    )
)]
async fn top_products(
    State(RouteState { store, clock, .. }): State<RouteState>,
    Query(ProductRange { by, from, until, limit }): Query<ProductRange>,
) -> Result<Json<TopProducts>, Problem> {
    let range = Range::new(by, from, until, clock.now())?;
    let products = store.top_products(by, range.from, range.until, limit.get()).await?;
    let products = products.into_iter().map(ProductEntry::from).collect();
    Ok(Json(TopProducts { from: range.from, until: range.until, products }))
}
