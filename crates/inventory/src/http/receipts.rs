use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::{Json, Problem, ProblemBody, Query};
use utoipa::{IntoParams, ToSchema};

use super::{Backroom, cause};
use crate::entries;
use crate::stock::Stock;
use crate::store::{self, Receipt};

const MOST_RECEIPTS: i64 = 100;

/// Goods that came in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    /// Your own name for it, for example the delivery note's number. It makes a repetition harmless.
    #[schema(example = "DN-2026-0815", max_length = 100)]
    reference: String,
    /// What came in; each product once.
    items: Vec<Item>,
}

/// So many pieces of a product.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReceiptItem)]
pub(super) struct Item {
    /// The product.
    #[schema(example = "85123A", max_length = 64)]
    sku: String,
    /// How many pieces.
    #[schema(minimum = 1, maximum = 1_000_000_000_i64)]
    quantity: i64,
}

/// Goods that came in, as they were recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(super) struct ReceiptView {
    /// Grows with every receipt; there may be holes.
    number: i64,
    /// The sender's own name for it.
    reference: String,
    /// When it was recorded.
    received_at: DateTime<Utc>,
    /// What came in, by SKU.
    items: Vec<Item>,
}

/// Which part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only receipts with a greater number: the last one of the page before.
    #[serde(default)]
    #[param(default = 0)]
    after: i64,
    /// The most receipts to answer with.
    #[serde(default = "default_limit")]
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: i64,
}

/// A part of the history.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptPage {
    /// The oldest first.
    receipts: Vec<ReceiptView>,
}

fn default_limit() -> i64 {
    20
}

/// Records goods that came in
///
/// They can be promised from now on. The same reference with the same items again changes nothing and gets the same
/// answer.
#[utoipa::path(
    post, path = "/receipts", tag = "inventory",
    request_body = Delivery,
    responses(
        (status = 200, description = "Recorded, now or before", body = ReceiptView),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 409, description = "`receipt-differs`: the reference names a receipt with other items",
            body = ProblemBody),
        (status = 413, description = "`body-too-long`", body = ProblemBody),
        (status = 422, description = "`wrong-reference`, `no-items`, `duplicate-sku`, `wrong-sku`, `wrong-quantity`, \
                                      `too-many-entries`: nothing was changed", body = ProblemBody),
    ),
)]
pub(super) async fn receive(
    State(backroom): State<Backroom>,
    headers: HeaderMap,
    Json(Delivery { reference, items }): Json<Delivery>,
) -> Result<Json<ReceiptView>, Problem> {
    entries::check_reference(&reference)?;
    let items = entries::check(items.into_iter().map(|item| (item.sku, item.quantity)), 1)?;
    if items.is_empty() {
        return Err(entries::Refusal::Empty.into());
    }
    let mut transaction = backroom.pool.begin().await?;
    store::lock_receipts(&mut transaction).await?;
    if let Some(known) = store::find_receipt(&mut transaction, &reference).await? {
        return if known.items == items { Ok(Json(known.into())) } else { Err(differs(&known)) };
    }
    let receipt = store::insert_receipt(&mut transaction, &reference, items).await?;
    let skus: Vec<&str> = receipt.items.keys().map(String::as_str).collect();
    let before = store::lock_stock(&mut transaction, &skus).await?;
    let changed: Vec<(&str, Stock)> = before
        .iter()
        .filter_map(|(sku, stock)| Some((sku.as_str(), stock.with_received(*receipt.items.get(sku)?))))
        .collect();
    backroom.change(transaction, &changed, &cause(&headers)).await?;
    Ok(Json(receipt.into()))
}

/// The history of goods that came in
#[utoipa::path(
    get, path = "/receipts", tag = "inventory",
    responses(
        (status = 200, description = "The oldest first", body = ReceiptPage),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
        (status = 422, description = "`wrong-limit`", body = ProblemBody),
    ),
)]
pub(super) async fn list(
    State(backroom): State<Backroom>,
    Query(Page { after, limit }): Query<Page>,
) -> Result<Json<ReceiptPage>, Problem> {
    if !(1..=MOST_RECEIPTS).contains(&limit) {
        return Err(Problem::refused("wrong-limit", format!("'limit' is 1 to {MOST_RECEIPTS}, not {limit}.")));
    }
    let receipts = store::list_receipts(&backroom.pool, after, limit).await?;
    Ok(Json(ReceiptPage { receipts: receipts.into_iter().map(ReceiptView::from).collect() }))
}

fn differs(known: &Receipt) -> Problem {
    let Receipt { number, reference, received_at, .. } = known;
    let detail = format!(
        "'{reference}' is the reference of receipt {number} of {}, which has other items. If these goods came in \
         besides, send them with a reference of their own.",
        received_at.to_rfc3339()
    );
    Problem::new(StatusCode::CONFLICT, "receipt-differs", detail)
}

impl From<Receipt> for ReceiptView {
    fn from(Receipt { number, reference, received_at, items }: Receipt) -> Self {
        let items = items.into_iter().map(|(sku, quantity)| Item { sku, quantity }).collect();
        Self { number, reference, received_at, items }
    }
}
