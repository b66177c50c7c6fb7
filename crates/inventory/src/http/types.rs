//! Requests and answers in JSON.

mod adjustments;
mod holds;
mod movements;
mod receipts;
mod sheet;
mod stock;
mod stock_of_many;

use serde::Deserialize;
use service::{ONE_LINE, blank};
use utoipa::{IntoParams, ToSchema};

pub use adjustments::{AdjustmentView, NewAdjustment};
pub use holds::{FreeQuery, HoldView, HoldsPage, HoldsQuery};
pub use movements::{MovementPage, MovementQuery, MovementView};
pub use receipts::{Delivery, ReceiptPage, ReceiptQuery, ReceiptView};
pub use sheet::{SheetLineReport, SheetQuery, SheetReport};
pub use stock::{StockEntry, StockImported, StockView};
pub use stock_of_many::{SeveralQuery, SeveralStock};

use crate::stock::MAIN;

service::texts! {
    /// Your own name for goods that came in, for example the delivery note's number. It makes a repetition harmless.
    pub Reference: "a receipt's reference", 1..=100, "no control characters, no line breaks, not only blanks", ONE_LINE,
        for example "DN-2026-0815", and blank;

    /// Why: for those who read the ledger later.
    pub Reason: "a reason", 1..=200, "no control characters, no line breaks, not only blanks", ONE_LINE,
        for example "broken in transport", and blank;

    /// A place where stock is: a warehouse, a shop. A shop with one place never names it.
    pub Location: "a location", 1..=40, "lower-case letters, digits and hyphens", "^[a-z0-9-]+$", for example "main";
}

impl Location {
    /// The name of the location, or of the main one where none is named.
    pub fn or_main(location: Option<&Self>) -> &str {
        location.map_or(MAIN, Self::as_str)
    }
}

/// Which holds lose pieces, where fewer are there than are held.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CutHolds {
    /// Those of the lines that came last.
    Newest,
}

/// What is done where fewer are there than are held.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CutQuery {
    /// Which holds lose pieces, where fewer are there than are held for carts. If it is left out, such a request is refused.
    #[param(inline)]
    pub cut_holds: Option<CutHolds>,
}
