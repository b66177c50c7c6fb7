use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::Sku;
use utoipa::ToSchema;

use super::{Location, Reason, Reference};
use crate::store::Adjustment;

/// Pieces that were found, lost, broken, or given away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustment {
    pub reference: Reference,
    pub reason: Reason,
    /// Where; `main` if it is left out.
    pub location: Option<Location>,
    /// What is different; each product once.
    pub items: Vec<AdjustmentItem>,
}

/// Some pieces of a product.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentItem {
    pub sku: Sku,
    /// How many pieces more; fewer, if it is negative. Not 0.
    #[schema(example = -2, minimum = -1_000_000_000_i64, maximum = 1_000_000_000_i64)]
    pub change: i64,
}

/// Some pieces of a product, as they were recorded.
#[derive(Serialize, ToSchema)]
pub struct AdjustedItem {
    /// The product.
    #[schema(example = "85123A", max_length = 64)]
    sku: String,
    /// How many pieces more, or fewer.
    change: i64,
}

/// An adjustment, as it was recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = Adjustment)]
pub struct AdjustmentView {
    /// Grows with every adjustment; there may be gaps.
    number: i64,
    /// The sender's own name for it.
    reference: String,
    /// Why.
    reason: String,
    /// Where.
    location: String,
    /// When it was recorded.
    adjusted_at: DateTime<Utc>,
    /// What is different, by SKU.
    items: Vec<AdjustedItem>,
}

impl From<Adjustment> for AdjustmentView {
    fn from(Adjustment { number, reference, reason, location, adjusted_at, items }: Adjustment) -> Self {
        let items = items.into_iter().map(|(sku, change)| AdjustedItem { sku, change }).collect();
        Self { number, reference, reason, location, adjusted_at, items }
    }
}
