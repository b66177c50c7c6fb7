use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::PageSize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Reason;
use crate::stock::{CartLine, Hold, Place};

/// Which part of those who want a product.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoldsQuery {
    /// Only lines after that of this cart: the last one of the page before.
    pub after: Option<Uuid>,
    /// The most lines to answer with.
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<100, 1000>,
}

/// Those who want a product.
#[derive(Serialize, ToSchema)]
pub struct HoldsPage {
    /// First those that wait, in their order; then the others.
    pub lines: Vec<HoldView>,
    /// What to give as `after` for the next page; none on the last one.
    pub next: Option<Uuid>,
}

/// A cart's line, and what is held for it.
#[derive(Serialize, ToSchema)]
#[schema(as = Hold)]
pub struct HoldView {
    /// The cart.
    pub cart_id: Uuid,
    /// How many pieces the line wants.
    wanted: i64,
    /// How many of them are held.
    held: i64,
    /// Since when the line is known; of those from before this was written down it is not.
    since: Option<DateTime<Utc>>,
    /// Since when it waits for what it lacks.
    waits_since: Option<DateTime<Utc>>,
    /// Whether its cart has fallen quiet, or it was freed: nothing is held for it, and it doesn't wait, until something happens
    /// in its cart.
    lapsed: bool,
}

/// Why a hold is freed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FreeQuery {
    /// For those who read the log later.
    #[param(inline)]
    pub reason: Reason,
}

impl From<(CartLine, Hold)> for HoldView {
    fn from((line, Hold { wanted, held, place, lapsed, since }): (CartLine, Hold)) -> Self {
        let waits_since = match place {
            Some(Place::Given { since, .. }) => Some(since),
            Some(Place::New(_)) | None => None,
        };
        Self { cart_id: line.cart_id, wanted, held: held.total(), since, waits_since, lapsed }
    }
}
