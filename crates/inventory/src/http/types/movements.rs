use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::PageSize;
use utoipa::{IntoParams, ToSchema};

use crate::store::Entry;

/// Which part of a product's ledger.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MovementQuery {
    /// Only movements with a smaller number: the last one of the page before.
    pub before: Option<i64>,
    /// The most movements to answer with.
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<20, 100>,
}

/// A part of a product's ledger.
#[derive(Serialize, ToSchema)]
pub struct MovementPage {
    /// The newest first.
    pub movements: Vec<MovementView>,
    /// What to give as `before` for the next page; none on the last one.
    pub next: Option<i64>,
}

/// Something that changed how many pieces are on hand.
#[derive(Serialize, ToSchema)]
#[schema(as = Movement)]
pub struct MovementView {
    /// Grows with every movement; there may be gaps.
    pub number: i64,
    /// Where.
    location: String,
    /// What it was: `opening` (what was there before there was a ledger), `receipt`, `adjustment`, `count`; or `unrecorded`,
    /// where it is known only that the number is another one, as after a backup was restored.
    #[schema(example = "receipt")]
    kind: String,
    /// How many pieces more; fewer, if it is negative.
    pieces: i64,
    /// How many are there after it.
    on_hand: i64,
    /// The receipt's or the adjustment's reference.
    reference: Option<String>,
    /// The adjustment's reason.
    reason: Option<String>,
    /// When.
    moved_at: DateTime<Utc>,
}

impl From<Entry> for MovementView {
    fn from(entry: Entry) -> Self {
        let Entry { number, location, kind, pieces, on_hand, reference, reason, moved_at } = entry;
        Self { number, location, kind, pieces, on_hand, reference, reason, moved_at }
    }
}
