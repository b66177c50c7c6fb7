use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::holds::Hold;

/// What the warehouse holds for a line.
#[derive(Serialize, ToSchema)]
#[schema(as = LineStock)]
pub(super) struct StockBody {
    status: StockStatus,
    /// How many of the pieces are held for this cart, as the warehouse last reported.
    held: i64,
    /// How many of the pieces are not there; they are held as soon as they are. 0 while the warehouse has not reported.
    short: i64,
    /// Until when the held pieces are held if nothing is changed in the cart. `null` where none are.
    held_until: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum StockStatus {
    /// The warehouse has not reported on this quantity yet.
    Pending,
    /// All pieces are held.
    Held,
    /// There are fewer pieces than wanted. The line waits for the rest: what comes free goes to the line that has been short
    /// for longest.
    Short,
    /// Nothing was changed for some time, so nothing is held any more. The next change has it held again, as far as it is
    /// there.
    Released,
}

/// What is known about a cart's holds as a whole.
#[derive(Clone, Copy, Default)]
pub(super) struct HoldsState {
    pub is_quiet: bool,
    pub held_until: Option<DateTime<Utc>>,
}

impl StockBody {
    /// A report on another quantity than the line has now is out of date.
    pub fn new(quantity: i64, hold: Option<Hold>, state: HoldsState) -> Self {
        if state.is_quiet {
            return Self { status: StockStatus::Released, held: 0, short: 0, held_until: None };
        }
        let Hold { wanted, held } = hold.unwrap_or(Hold { wanted: 0, held: 0 });
        let (status, short) = match wanted == quantity {
            false => (StockStatus::Pending, 0),
            true if held < wanted => (StockStatus::Short, wanted - held),
            true => (StockStatus::Held, 0),
        };
        Self { status, held, short, held_until: state.held_until.filter(|_| held > 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(quantity: i64, hold: Option<(i64, i64)>, is_quiet: bool) -> serde_json::Value {
        let hold = hold.map(|(wanted, held)| Hold { wanted, held });
        let held_until = Some(DateTime::UNIX_EPOCH);
        serde_json::to_value(StockBody::new(quantity, hold, HoldsState { is_quiet, held_until })).unwrap()
    }

    #[test]
    fn a_line_is_pending_until_the_warehouse_reported_on_its_quantity() {
        let pending = stock(3, None, false);
        assert_eq!((&pending["status"], &pending["held_until"]), (&"pending".into(), &().into()));
        assert_eq!(stock(3, Some((2, 2)), false)["status"], "pending");
        let until = "1970-01-01T00:00:00Z";
        let held = serde_json::json!({"status": "held", "held": 3, "short": 0, "held_until": until});
        assert_eq!(stock(3, Some((3, 3)), false), held);
        let short = serde_json::json!({"status": "short", "held": 1, "short": 2, "held_until": until});
        assert_eq!(stock(3, Some((3, 1)), false), short);
        assert_eq!(stock(3, Some((3, 0)), false)["held_until"], serde_json::Value::Null);
    }

    #[test]
    fn nothing_is_held_for_a_quiet_cart() {
        let released = serde_json::json!({"status": "released", "held": 0, "short": 0, "held_until": null});
        assert_eq!(stock(3, Some((3, 3)), true), released);
    }
}
