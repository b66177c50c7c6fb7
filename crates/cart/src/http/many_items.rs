use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::{Json, Path, Problem, Sku};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cart_body::CartBody;
use super::problems::TOO_MANY_ITEMS;
use super::state::RouteState;
use super::writing::{ChangeHeaders, change, marks, shown};
use crate::cart::{Command, NewItem, Refusal};
use crate::commands::Answer;

/// The most items in one request.
const MOST: usize = 200;

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"items": [{"sku": "85123A", "quantity": 2}, {"sku": "22423", "quantity": 1}], "mode": "all"}))]
pub(super) struct AddManyRequest {
    /// In this order; each on top of those before it.
    #[schema(min_items = 1, max_items = 200)]
    items: Vec<ItemRequest>,
    #[serde(default)]
    mode: Mode,
}

#[derive(Deserialize, ToSchema)]
struct ItemRequest {
    sku: Sku,
    /// How many pieces more; at least 1.
    #[schema(example = 2, minimum = 1)]
    quantity: i64,
}

/// What is to happen if some of them can't be added.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    /// Nothing is added.
    #[default]
    All,
    /// The others are added, and the answer says which were not.
    Each,
}

/// The cart, and what became of each item.
#[derive(Serialize, ToSchema)]
pub(super) struct ManyAdded {
    /// One for each item, in the same order. `null` in the answer to a request that came before, with the same key.
    results: Option<Vec<ItemResult>>,
    #[schema(value_type = CartBody)]
    cart: Box<RawValue>,
}

#[derive(Serialize, ToSchema)]
struct ItemResult {
    sku: String,
    added: bool,
    /// Why it was not added: a type of problem, as in the answer to an item that comes alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/problems/retired-product")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Add pieces of several products
///
/// All or nothing, unless `mode` is `each`.
#[utoipa::path(
    post, path = "/carts/{id}/items/batch", tag = "cart", request_body = AddManyRequest,
    security(("cart-token" = [])), params(ChangeHeaders),
    responses((status = 200, body = ManyAdded, headers(
        ("etag" = String, description = "The cart's version, in quotes."),
        ("change-version" = Option<i64>, description = "The version that this request gave the cart."),
        ("idempotency-replayed" = Option<String>, description = "`true` for a request that came before, with the same key."),
    ))),
)]
pub(super) async fn add_many(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    body: Result<Json<AddManyRequest>, Problem>,
) -> Result<Response, Problem> {
    let access = state.access(id, &headers)?;
    let Json(AddManyRequest { items, mode }) = body?;
    if !(1..=MOST).contains(&items.len()) {
        let detail = format!("There are {} items; one request adds 1 to {MOST}.", items.len());
        return Err(TOO_MANY_ITEMS.problem(detail).at("items"));
    }
    let item = |ItemRequest { sku, quantity }| NewItem { sku: sku.into(), quantity };
    let items: Vec<NewItem> = items.into_iter().map(item).collect();
    let skus = items.iter().map(|item| item.sku.clone()).collect();
    let command = Command::AddMany { items, each: matches!(mode, Mode::Each) };
    let (answer, cart) = shown(&state.commands, change(&access, command)?).await?;
    let marks = marks(&answer);
    let results = (!answer.is_replayed).then(|| results(skus, answer));
    Ok((marks, Json(ManyAdded { results, cart })).into_response())
}

fn results(skus: Vec<String>, answer: Answer) -> Vec<ItemResult> {
    let added = |sku| ItemResult { sku, added: true, problem: None, detail: None };
    let mut results: Vec<ItemResult> = skus.into_iter().map(added).collect();
    for (place, refusal) in answer.refused {
        if let Some(result) = results.get_mut(place) {
            *result = refused(std::mem::take(&mut result.sku), refusal);
        }
    }
    results
}

fn refused(sku: String, refusal: Refusal) -> ItemResult {
    let problem = Problem::from(refusal);
    let name = format!("/problems/{}", problem.problem_type().name);
    ItemResult { sku, added: false, problem: Some(name), detail: Some(problem.detail().to_owned()) }
}
