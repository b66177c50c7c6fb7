use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use events::{Money, Total};
use serde::Serialize;
use service::{Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cart_body::ShopperBody;
use super::money_body::MoneyBody;
use super::problems::UNKNOWN_VERSION;
use super::read_cart::check_present;
use super::state::RouteState;
use crate::cart::{Cart, CartLine};
use crate::store;

/// A cart as it was at a version: with the prices that were recorded, and without what others said of it.
#[derive(Serialize, ToSchema)]
pub(super) struct PastCart<'a> {
    id: Uuid,
    version: i64,
    shopper: Option<ShopperBody<'a>>,
    note: Option<&'a str>,
    lines: Vec<PastItem<'a>>,
    saved: Vec<PastItem<'a>>,
    #[schema(value_type = Option<MoneyBody>)]
    total: Option<Total>,
}

#[derive(Serialize, ToSchema)]
struct PastItem<'a> {
    sku: &'a str,
    name: &'a str,
    #[schema(value_type = MoneyBody)]
    unit_price: Money,
    quantity: i64,
    #[schema(value_type = MoneyBody)]
    price: Total,
    fields: &'a BTreeMap<String, String>,
}

/// Get a cart as it was
///
/// At one of the versions that its history lists. Also of a cart that has ended.
#[utoipa::path(
    get, path = "/carts/{id}/versions/{version}", tag = "cart", security(("cart-token" = [])),
    responses((status = 200, body = PastCart)),
)]
pub(super) async fn version(
    State(state): State<RouteState>,
    Path((id, version)): Path<(Uuid, i64)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut connection = check_present(&state, &state.access(id, &headers)?).await?;
    let cart = store::cart_at(&mut connection, id, version).await?;
    if cart.version != version {
        let detail =
            format!("The cart never had version {version}. GET /carts/{id}/history lists those it had.");
        return Err(UNKNOWN_VERSION.problem(detail));
    }
    let json = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, json)], serde_json::to_vec(&PastCart::of(id, &cart))?).into_response())
}

impl<'a> PastCart<'a> {
    fn of(id: Uuid, cart: &'a Cart) -> Self {
        Self {
            id,
            version: cart.version,
            shopper: ShopperBody::of(cart),
            note: cart.state.note.as_deref(),
            lines: cart.lines.iter().map(PastItem::from).collect(),
            saved: cart.saved.iter().map(PastItem::from).collect(),
            total: cart.total(),
        }
    }
}

impl<'a> From<&'a CartLine> for PastItem<'a> {
    fn from(line: &'a CartLine) -> Self {
        let CartLine { sku, name, unit_price, quantity, fields, .. } = line;
        let (unit_price, quantity, price) = (*unit_price, *quantity, line.price());
        Self { sku, name, unit_price, quantity, price, fields }
    }
}
