use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use service::{Json, Problem, ProblemBody, Query, cause};

use super::Backroom;
use super::types::{Delivery, Page, ReceiptPage, ReceiptView};
use crate::entries;
use crate::stock::Stock;
use crate::store::{self, Receipt};

const MOST_RECEIPTS: usize = 100;

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
    get, path = "/receipts", tag = "inventory", params(Page),
    responses(
        (status = 200, description = "The oldest first", body = ReceiptPage),
        (status = 400, description = "`unfitting-query`", body = ProblemBody),
        (status = 401, description = "`admin-key-needed`", body = ProblemBody),
    ),
)]
pub(super) async fn list(
    State(backroom): State<Backroom>,
    Query(page): Query<Page>,
) -> Result<Json<ReceiptPage>, Problem> {
    let Page { after, limit } = page;
    if !(1..=MOST_RECEIPTS).contains(&limit) {
        let detail = format!("'limit' must be 1 to {MOST_RECEIPTS}.");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "unfitting-query", detail));
    }
    // One more than asked for shows whether there is a next page.
    let mut receipts = store::list_receipts(&backroom.pool, after, limit + 1).await?;
    let more = receipts.len() > limit;
    receipts.truncate(limit);
    let next = receipts.last().filter(|_| more).map(|last| last.number);
    Ok(Json(ReceiptPage { receipts: receipts.into_iter().map(ReceiptView::from).collect(), next }))
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
