//! Requests and answers in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::{ONE_LINE, Sku};
use utoipa::{IntoParams, ToSchema};

use crate::stock::Stock;
use crate::store::Receipt;

service::texts! {
    /// Your own name for goods that came in, for example the delivery note's number. It makes a repetition harmless.
    pub Reference: "a receipt's reference", 1..=100, "no control characters, no line breaks, not only blanks", ONE_LINE,
        for example "DN-2026-0815", and |text| !text.trim().is_empty();
}

/// The stock of a product.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    /// The product.
    #[schema(example = "85123A")]
    sku: String,
    /// Pieces in the warehouse, held ones included.
    on_hand: i64,
    /// Pieces held for carts.
    held: i64,
    /// Pieces that no cart holds.
    available: i64,
}

/// How many pieces of a product can be promised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockEntry {
    pub sku: Sku,
    /// Pieces that can be promised now, over and above what is held for carts: with 3 held, 3 makes 6 on hand.
    #[schema(example = 3, minimum = 0, maximum = 1_000_000_000_i64)]
    pub available: i64,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
#[schema(as = Imported)]
pub struct StockImported {
    /// How many products have another stock than before.
    pub changed: usize,
}

/// Goods that came in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub reference: Reference,
    /// What came in; each product once.
    pub items: Vec<DeliveryItem>,
}

/// Some pieces of a product.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryItem {
    pub sku: Sku,
    /// How many pieces.
    #[schema(minimum = 1, maximum = 1_000_000_000_i64)]
    pub quantity: i64,
}

/// Some pieces of a product, as they were recorded.
#[derive(Serialize, ToSchema)]
pub struct ReceivedItem {
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
pub struct ReceiptView {
    /// Grows with every receipt; there may be gaps.
    number: i64,
    /// The sender's own name for it.
    reference: String,
    /// When it was recorded.
    received_at: DateTime<Utc>,
    /// What came in, by SKU.
    items: Vec<ReceivedItem>,
}

/// Which part of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceiptQuery {
    /// Only receipts with a greater number: the last one of the page before.
    #[serde(default)]
    #[param(default = 0)]
    pub after: i64,
    /// The most receipts to answer with.
    #[serde(default = "default_limit")]
    #[param(default = 20, minimum = 1, maximum = 100)]
    pub limit: usize,
}

/// A part of the history.
#[derive(Serialize, ToSchema)]
pub struct ReceiptPage {
    /// The oldest first.
    pub receipts: Vec<ReceiptView>,
    /// What to give as `after` for the next page; none on the last one.
    pub next: Option<i64>,
}

fn default_limit() -> usize {
    20
}

impl StockView {
    pub fn new(sku: Sku, stock: Stock) -> Self {
        Self { sku: sku.into(), on_hand: stock.on_hand, held: stock.held, available: stock.available() }
    }
}

impl From<Receipt> for ReceiptView {
    fn from(Receipt { number, reference, received_at, items }: Receipt) -> Self {
        let items = items.into_iter().map(|(sku, quantity)| ReceivedItem { sku, quantity }).collect();
        Self { number, reference, received_at, items }
    }
}
