use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::{Json, Path, Problem, Sku};
use utoipa::ToSchema;
use uuid::Uuid;

use super::state::RouteState;
use super::writing::{ChangeHeaders, Changed, write};
use crate::cart::Command;

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"version": 7, "prices": [{"sku": "85123A", "amount": 339}]}))]
pub(super) struct SeenRequest {
    /// The cart's version that was shown. If it has another one by now, nothing is noted.
    #[schema(example = 7)]
    version: i64,
    /// The prices that were shown. One that has changed again since stays to be seen; without this list, all prices count as
    /// seen as they are now.
    prices: Option<Vec<ShownPrice>>,
}

#[derive(Deserialize, ToSchema)]
struct ShownPrice {
    sku: Sku,
    /// Of a piece, in minor units.
    #[schema(example = 255)]
    amount: i64,
}

/// Note that the shopper has seen the changed prices
///
/// `unit_price_before` of the lines is `null` then.
#[utoipa::path(
    post, path = "/carts/{id}/price-changes/seen", tag = "cart", request_body = SeenRequest,
    security(("cart-token" = [])), params(ChangeHeaders), responses(Changed),
)]
pub(super) async fn seen(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<SeenRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(SeenRequest { version, prices }) = body?;
    let by_sku = |prices: Vec<ShownPrice>| -> BTreeMap<String, i64> {
        prices.into_iter().map(|price| (price.sku.into(), price.amount)).collect()
    };
    write(&state.commands, &access, Command::SeePrices { version, shown: prices.map(by_sku) }).await
}
