use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::{PageSize, Sku};
use utoipa::{IntoParams, ToSchema};

use super::{Location, Reference};
use crate::store::Receipt;

/// Goods that came in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub reference: Reference,
    /// Where to; `main` if it is left out.
    pub location: Option<Location>,
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
    /// Where to.
    location: String,
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
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<20, 100>,
}

/// A part of the history.
#[derive(Serialize, ToSchema)]
pub struct ReceiptPage {
    /// The oldest first.
    pub receipts: Vec<ReceiptView>,
    /// What to give as `after` for the next page; none on the last one.
    pub next: Option<i64>,
}

impl From<Receipt> for ReceiptView {
    fn from(Receipt { number, reference, received_at, location, items }: Receipt) -> Self {
        let items = items.into_iter().map(|(sku, quantity)| ReceivedItem { sku, quantity }).collect();
        Self { number, reference, received_at, location, items }
    }
}
