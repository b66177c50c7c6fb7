use axum::extract::State;
use chrono::{DateTime, Utc};
use events::Money;
use serde::Serialize;
use service::{Json, Path, Problem, Query, Sku};
use utoipa::ToSchema;

use super::problems::unknown_sku;
use super::queries::PricesQuery;
use super::state::RouteState;
use super::types::MoneyBody;
use crate::store;

/// A product's prices.
#[derive(Serialize, ToSchema)]
pub struct PriceHistory {
    /// The newest first
    prices: Vec<PriceSince>,
}

/// A price, and from when it counts.
#[derive(Serialize, ToSchema)]
pub struct PriceSince {
    /// From when it counts, until the next one
    since: DateTime<Utc>,
    /// The price of a piece
    #[schema(value_type = MoneyBody)]
    price: Money,
}

/// List the prices that a product has and had
///
/// Each counts from its `since` until the next one. Prices are kept since the catalogue keeps a history: of a product that
/// is older, the first price counts from then.
#[utoipa::path(
    get, path = "/products/{sku}/prices", tag = "catalog", operation_id = "list_prices",
    params(("sku" = inline(Sku), Path, description = "The product"), PricesQuery),
    responses((status = 200, description = "Its prices", body = PriceHistory))
)]
pub(super) async fn prices(
    State(state): State<RouteState>,
    Path(sku): Path<Sku>,
    Query(PricesQuery { before, limit }): Query<PricesQuery>,
) -> Result<Json<PriceHistory>, Problem> {
    let limit = limit.get().into();
    let prices = store::prices(&state.pool, sku.as_str(), before, limit).await?;
    let prices = prices.ok_or_else(|| unknown_sku(sku.as_str()))?.into_iter();
    Ok(Json(PriceHistory {
        prices: prices.map(|store::Price { since, price }| PriceSince { since, price }).collect(),
    }))
}
